import { parseNetwork, type Selector } from "@postern/filter-core";
import type { Problem } from "./config-error.ts";
import { textOf } from "./entry-schema.ts";
import { readFileUpTo, shownPath, whyUnreadable } from "./read-file.ts";
import { type Path, problemAt, type Source, showValue } from "./source.ts";
import { parseAnyAddress, parseAnyNamePattern } from "./unicode-names.ts";
import { resolvePath } from "./values.ts";

/** Every entry is looked at for every client: more belong into a DNS list. */
const MAX_BYTES = 4 * 1_048_576;

/** What the reading of a policy brings together. */
export interface Reading {
  readonly cwd: string;
  readonly problems: Problem[];
  /** The absolute paths of the files that entries name, read or not. */
  readonly files: Set<string>;
}

/** One line of a file of deny, allow or recipients. */
export interface Line {
  readonly selector: Selector;
  readonly text: string;
}

/**
 * Reads the file that an entry names: an address, network, `a@example.com`, `example.com` or `*.example.com`
 * a line; `#` begins a comment.
 *
 * @param addresses what an address with `@` stands for; for recipients nothing else is allowed.
 */
export function readEntryFile(
  written: string,
  addresses: "sender" | "recipient",
  source: Source,
  path: Path,
  { cwd, problems, files }: Reading,
): readonly Line[] {
  const file = resolvePath(source.folder, written);
  files.add(file);
  const refuse = (message: string): readonly Line[] => {
    problems.push(problemAt(source, [...path, "file"], `${showValue(written)} ${message}`));
    return [];
  };
  let bytes: Uint8Array;
  try {
    bytes = readFileUpTo(file, MAX_BYTES);
  } catch (error) {
    return refuse(whyUnreadable(error));
  }
  if (bytes.byteLength > MAX_BYTES) return refuse(`has more than ${MAX_BYTES} bytes`);
  const shown = shownPath(file, cwd);
  return new TextDecoder("utf-8")
    .decode(bytes)
    .split("\n")
    .flatMap((line, index) => {
      const entry = line.replace(/(?:^|\s)#.*$/, "").trim();
      if (entry === "") return [];
      const selector = readLine(entry, addresses);
      if (typeof selector !== "string")
        return [{ selector, text: `${textOf([selector])} (${shown}:${index + 1})` }];
      const column = line.length - line.trimStart().length + 1;
      const message = `${showValue(entry)} ${selector}`;
      problems.push({ file: shown, line: index + 1, column, message });
      return [];
    });
}

function readLine(entry: string, addresses: "sender" | "recipient"): Selector | string {
  if (entry.includes("@")) {
    const address = parseAnyAddress(entry);
    return address === undefined
      ? "is no address, such as a@example.com"
      : { by: addresses, address };
  }
  if (addresses === "recipient") return "is no address: a file of recipients has one a line";
  const network = parseNetwork(entry);
  if (network !== undefined) return { by: "client", network };
  const domain = /^[\d.]+(?:\/.*)?$/.test(entry) ? undefined : parseAnyNamePattern(entry);
  if (domain !== undefined) return { by: "senderDomain", domain };
  return "is no address, network or domain, such as 192.0.2.0/24, a@example.com or *.example.com";
}
