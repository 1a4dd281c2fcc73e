import { parseNetwork, type Selector } from "@postern/filter-core";
import type { Problem } from "./config-error.ts";
import { textOf } from "./entry-schema.ts";
import { readFileUpTo, shownPath, whyUnreadable } from "./read-file.ts";
import { describeValue, type Path, problemAt, type Source } from "./source.ts";
import { parseAnyAddress, parseAnyNamePattern } from "./unicode-names.ts";
import { resolvePath } from "./values.ts";

/** Every entry is compared with every client; a longer list belongs in a DNS zone. */
const MAX_BYTES = 4 * 1_048_576;

/** What reading a policy collects. */
export interface Reading {
  readonly cwd: string;
  readonly problems: Problem[];
  /** Absolute paths of the files that entries name, readable or not. */
  readonly files: Set<string>;
}

/** One line of a file of deny, allow or recipients. */
export interface Line {
  readonly selector: Selector;
  readonly text: string;
}

/**
 * Reads the file that an entry names: one IP address, network, `a@example.com`, `example.com` or `*.example.com`
 * per line; `#` begins a comment.
 *
 * @param addresses what an entry with `@` selects; for `recipient` no other entries are allowed.
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
    problems.push(problemAt(source, [...path, "file"], describeValue(written, message)));
    return [];
  };
  let bytes: Uint8Array;
  try {
    bytes = readFileUpTo(file, MAX_BYTES);
  } catch (error) {
    return refuse(whyUnreadable(error));
  }
  if (bytes.byteLength > MAX_BYTES) return refuse(`is too large: the limit is ${MAX_BYTES} bytes`);
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
      const message = describeValue(entry, selector);
      problems.push({ file: shown, line: index + 1, column, message });
      return [];
    });
}

function readLine(entry: string, addresses: "sender" | "recipient"): Selector | string {
  if (entry.includes("@")) {
    const address = parseAnyAddress(entry);
    return address === undefined
      ? "must be a mail address such as a@example.com"
      : { by: addresses, address };
  }
  if (addresses === "recipient")
    return "must be a mail address: a file of recipients has one per line";
  const network = parseNetwork(entry);
  if (network !== undefined) return { by: "client", network };
  const domain = /^[\d.]+(?:\/.*)?$/.test(entry) ? undefined : parseAnyNamePattern(entry);
  if (domain !== undefined) return { by: "senderDomain", domain };
  return "must be an IP address, network, mail address or domain, such as 192.0.2.0/24, a@example.com or *.example.com";
}
