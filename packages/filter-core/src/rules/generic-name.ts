import type { IpAddress } from "../ip-address.ts";
import type { Domain } from "../names.ts";
import { shareOf } from "./generic-name-address.ts";
import { type KnownWords, knownWords } from "./generic-name-words.ts";

/** A reverse name that was made up for an address, not given to a machine. */
export interface GenericName {
  /** `static` where the name itself says that the line or machine keeps its address. */
  readonly kind: "dynamic" | "static";
  /** Completes the sentence that begins with the name. */
  readonly reason: string;
}

/** Second-level names under which countries let people register, as in `example.co.uk`. */
const SHARED_SECOND_LEVELS: ReadonlySet<string> = new Set(
  "ac ad asn co com ed edu gen go gob gov gub gv id info lg ltd me mil ne net nhs nom or org plc sch web".split(
    " ",
  ),
);

/** A running number of a hoster: `h2947106`. Both classes are bounded or end the text: nothing to go back to. */
const MACHINE_NUMBER = /^[a-z]{0,2}\d{7,}$/;

/**
 * Recognizes a generic reverse name by what stands before the registered domain: the client's address, a word
 * that only lines have, or a word that lines share with honest servers together with half the address or a number
 * no person would choose. A word for mail outweighs all of it: whoever writes it names a mail server, and pools of
 * those exist.
 *
 * Total, and linear in the length of the name: it is split at one class of characters, and no regular expression
 * here has two quantifiers that could share a text.
 */
export function recognizeGenericName(name: Domain, address: IpAddress): GenericName | undefined {
  const host = hostPart(name);
  const inHost = shareOf(address, host);
  // Some providers register the address, or a part of it: ns3108642.ip-198-51-100.example
  const isWhole = inHost === "whole" || shareOf(address, name) === "whole";
  const text = isWhole && inHost !== "whole" ? name : host;
  const words = knownWords(text);
  if (words.has("mail")) return undefined;
  if (isWhole) return { kind: kindOf(words), reason: "has the address in it" };
  const word = words.get("line") ?? words.get("fixed");
  if (word !== undefined) return { kind: kindOf(words), reason: `has the word "${word}" in it` };
  const hint = words.get("machine") ?? words.get("shared");
  if (hint !== undefined && inHost === "half")
    return { kind: kindOf(words), reason: `has the word "${hint}" and half the address in it` };
  // A number of a customer or machine: nothing says that the line is dynamic.
  if (hint !== undefined && text.split(/[^0-9a-z]+/).some(isLongNumber))
    return { kind: "static", reason: `has the word "${hint}" and a long number in it` };
  return MACHINE_NUMBER.test(host.split(".", 1)[0] ?? "")
    ? { kind: "static", reason: "is a running number" }
    : undefined;
}

function kindOf(words: KnownWords): GenericName["kind"] {
  if (words.has("fixed")) return "static";
  return words.has("machine") && !words.has("line") ? "static" : "dynamic";
}

/** What stands before the registered domain, guessed without a list of public suffixes. */
function hostPart(name: Domain): string {
  const labels = name.split(".");
  const [topLevel = "", secondLevel = ""] = labels.toReversed();
  const isShared = topLevel.length === 2 && SHARED_SECOND_LEVELS.has(secondLevel);
  return labels.slice(0, isShared ? -3 : -2).join(".");
}

/** Five digits in a row, or eight hexadecimal ones with a decimal one among them. */
function isLongNumber(piece: string): boolean {
  return /\d{5}/.test(piece) || (/^[0-9a-f]{8,}$/.test(piece) && /\d/.test(piece));
}
