import type { Domain, IpAddress } from "@postern/smtp-filter";
import { fitsShape, type NameShape } from "../policy/name-shape.ts";
import type { KnownNames } from "../policy/policy.ts";
import { shareOf } from "./generic-name-address.ts";
import { type KnownWords, knownWords } from "./generic-name-words.ts";

/** A reverse name generated from the address, not chosen for a host. */
export interface GenericName {
  /** `static`: the name itself says that the address is static. */
  readonly kind: "dynamic" | "static";
  /** Completes the sentence that begins with the name. */
  readonly reason: string;
}

/** Second-level names under which domains are registered, as in `example.co.uk`. */
const SHARED_SECOND_LEVELS: ReadonlySet<string> = new Set(
  "ac ad asn co com ed edu gen go gob gov gub gv id info lg ltd me mil ne net nhs nom or org plc sch web".split(
    " ",
  ),
);

/** The shapes of names that certain providers give. */
export type ShapesOfNames = Pick<KnownNames, "staticNames" | "lineNames">;

/** The hardware address of a modem: `s010600fc8d12a4b7`. */
const HARDWARE_ADDRESS = /^[a-z]?[0-9a-f]{12,16}$/;

/** What hosters call themselves, in a registered domain. */
const HOSTER = /host|server|cloud|colo|content|vps|droplet/;

/** A serial number of a hosting provider: `h2947106`. No backtracking: both repetitions are bounded or end the text. */
const MACHINE_NUMBER = /^[a-z]{0,2}\d{7,}$/;

/**
 * Recognizes a generic reverse name by the labels below the registered domain: the client's address, a word
 * used only for access lines, or a word used for lines and servers alike together with half the address or a
 * long number. A word for mail overrides all of these, as mail servers come in numbered pools, too.
 *
 * Total, and linear in the length of the name: it is split at one class of characters, and no regular expression
 * here has two quantifiers that could share a text.
 */
export function recognizeGenericName(
  name: Domain,
  address: IpAddress,
  shapes: ShapesOfNames = { staticNames: [], lineNames: [] },
): GenericName | undefined {
  const generic = recognizeByWords(name, address);
  if (knownWords(hostPart(name)).has("mail")) return generic;
  const shapeOf = (of: readonly NameShape[]) => of.find((shape) => fitsShape(name, shape))?.text;
  const fixed = shapeOf(shapes.staticNames);
  if (fixed !== undefined) return { kind: "static", reason: `has the shape ${fixed}` };
  const line = generic === undefined ? shapeOf(shapes.lineNames) : undefined;
  return line === undefined ? generic : { kind: "dynamic", reason: `has the shape ${line}` };
}

function recognizeByWords(name: Domain, address: IpAddress): GenericName | undefined {
  const host = hostPart(name);
  const inHost = shareOf(address, host);
  // Some providers register the address, or a part of it: ns3108642.ip-198-51-100.example
  const isWhole = inHost === "whole" || shareOf(address, name) === "whole";
  const text = isWhole && inHost !== "whole" ? name : host;
  const words = knownWords(text);
  if (words.has("mail")) return undefined;
  if (isWhole) {
    // A hoster's domain, or one that a hoster registered for a network, is not that of an access provider.
    const isHosted = (host !== "" && inHost !== "whole") || HOSTER.test(name.slice(host.length));
    const kind = isHosted && !words.has("line") ? "static" : kindOf(words);
    return { kind, reason: "contains the address" };
  }
  const word = words.get("line") ?? words.get("fixed");
  if (word !== undefined) return { kind: kindOf(words), reason: `contains the word "${word}"` };
  const hint = words.get("machine") ?? words.get("shared");
  if (hint !== undefined && inHost === "half")
    return { kind: kindOf(words), reason: `contains the word "${hint}" and half the address` };
  // A customer or host number: nothing says that the address is dynamic.
  if (hint !== undefined && text.split(/[^0-9a-z]+/).some(isLongNumber))
    return { kind: "static", reason: `contains the word "${hint}" and a long number` };
  const [first = ""] = host.split(".", 1);
  if (HARDWARE_ADDRESS.test(first) && /\d/.test(first) && /[a-f]/.test(first.slice(1)))
    return { kind: "dynamic", reason: "is a hardware address" };
  return MACHINE_NUMBER.test(first) ? { kind: "static", reason: "is a serial number" } : undefined;
}

function kindOf(words: KnownWords): GenericName["kind"] {
  if (words.has("fixed")) return "static";
  return words.has("machine") && !words.has("line") ? "static" : "dynamic";
}

/** The labels below the registered domain, estimated without the public suffix list. */
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
