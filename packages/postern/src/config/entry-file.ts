import type { NamePattern, Selector } from "@postern/filter-core";
import { parseNetwork } from "@postern/smtp-filter";
import type { Problem } from "./config-error.ts";
import { linesIn } from "./lines-in.ts";
import { readRegularFile, shownPath, whyUnreadable } from "./read-file.ts";
import { describeValue, type Path, problemAt, type Source } from "./source.ts";
import { parseAnyAddress, parseAnyNamePattern } from "./unicode-names.ts";
import { resolvePath } from "./values.ts";

/** Entries of all files together: chosen. What is longer belongs in a DNS zone. */
const MAX_ENTRIES = 1_000_000;

/** Room for as many names of usual length. */
const MAX_BYTES = 64 * 1_048_576;

/** No entry is as long: the longest address has 320 characters. */
const MAX_LINE_BYTES = 4_096;

/** How many mistakes in one file are collected: more than are shown. */
const MAX_MISTAKES = 100;

/** How many lines are read in one go: about 2 ms. */
const LINES_A_STEP = 1_000;

/** What reading a policy collects. */
export interface Reading {
  readonly cwd: string;
  readonly problems: Problem[];
  /** Absolute paths of the files that entries name, readable or not. */
  readonly files: Set<string>;
  /** Lets others work: the reading of a long list is done in steps. */
  readonly breathe: () => Promise<void>;
  /** Entries of all files so far. */
  entries: number;
}

/** One line of a file of deny, allow or recipients. */
export interface Line {
  readonly selector: Selector;
  /** The file as messages show it. */
  readonly file: string;
  readonly number: number;
}

/** Where the name of a file of entries stands, and what is in it. */
interface EntryFile {
  readonly written: string;
  /** What an entry with `@` selects; for `recipient` no other entries are allowed. */
  readonly addresses: "sender" | "recipient";
  readonly source: Source;
  readonly path: Path;
}

/**
 * Reads the file that an entry names: one IP address, network, `a@example.com`, `example.com` or `*.example.com`
 * per line; `#` begins a comment.
 *
 * @param onLine is given each line that is an entry.
 */
export async function readEntryFile(
  { written, addresses, source, path }: EntryFile,
  reading: Reading,
  onLine: (line: Line) => void,
): Promise<void> {
  const { cwd, problems, files, breathe } = reading;
  const file = resolvePath(source.folder, written);
  files.add(file);
  const refuse = (message: string): void => {
    problems.push(problemAt(source, [...path, "file"], describeValue(written, message)));
  };
  let bytes: Buffer;
  try {
    bytes = await readRegularFile(file, MAX_BYTES);
  } catch (error) {
    return refuse(whyUnreadable(error));
  }
  const shown = shownPath(file, cwd);
  let mistakes = 0;
  for (const { line, number } of linesIn(bytes, MAX_LINE_BYTES)) {
    if (number % LINES_A_STEP === 0) await breathe();
    const entry = line.replace(/(?:^|\s)#[\s\S]*/, "").trim();
    if (entry === "") continue;
    const selector = readLine(entry, addresses);
    if (typeof selector !== "string") {
      if (reading.entries === MAX_ENTRIES)
        return refuse(
          `is too long: all files together may have ${MAX_ENTRIES} entries; a longer list belongs in a DNS zone`,
        );
      reading.entries += 1;
      onLine({ selector, file: shown, number });
      continue;
    }
    const column = line.length - line.trimStart().length + 1;
    problems.push({ file: shown, line: number, column, message: describeValue(entry, selector) });
    mistakes += 1;
    if (mistakes === MAX_MISTAKES) return;
  }
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
  const domain = readName(entry);
  if (domain !== undefined) return { by: "senderDomain", domain };
  return "must be an IP address, network, mail address or domain, such as 192.0.2.0/24, a@example.com or *.example.com";
}

/** What looks like an address or a network is a mistyped one. */
function readName(entry: string): NamePattern | undefined {
  return /^[\d.]+(?:\/.*)?$/.test(entry) ? undefined : parseAnyNamePattern(entry);
}
