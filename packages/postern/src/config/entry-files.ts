import { readFileSync } from "node:fs";
import { type ClientEntry, parseNetwork, type Selector } from "@postern/filter-core";
import type { Problem } from "./config-error.ts";
import type { EntryDraft } from "./entry-schema.ts";
import { textOf } from "./entry-schema.ts";
import { parseAnyAddress, parseAnyNamePattern } from "./unicode-names.ts";
import { resolvePath } from "./values.ts";

/** A list is written by people or scripts: more is a mistake. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Entries with those of the files they name in their place. A line that cannot be read is a problem. */
export function withFiles<Entry extends EntryDraft>(
  entries: readonly Entry[],
  folder: string,
  problems: Problem[],
): readonly Entry[] {
  return entries.flatMap((entry) =>
    entry.file === undefined
      ? [entry]
      : readEntries(resolvePath(folder, entry.file), problems).map((read) => ({
          ...entry,
          ...read,
        })),
  );
}

/** Reads a file with one entry a line: an address or network, a@example.com, example.com or *.example.com. */
function readEntries(
  file: string,
  problems: Problem[],
): readonly Pick<ClientEntry, "selectors" | "text">[] {
  const complain = (line: number, message: string): void => {
    problems.push({ file, line, column: line === 0 ? 0 : 1, message });
  };
  let text: string;
  try {
    const bytes = readFileSync(file);
    if (bytes.length > MAX_BYTES) {
      complain(0, `has ${bytes.length} bytes: allowed are at most ${MAX_BYTES}`);
      return [];
    }
    text = bytes.toString("utf8");
  } catch (error) {
    complain(0, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
  return text.split("\n").flatMap((line, i) => {
    const word = line.replace(/#.*/, "").trim();
    if (word === "") return [];
    const selector = selectorOf(word);
    if (selector !== undefined) return [{ selectors: [selector], text: textOf([selector]) }];
    complain(i + 1, `"${word.slice(0, 60)}" is no address, network or domain`);
    return [];
  });
}

function selectorOf(word: string): Selector | undefined {
  const network = parseNetwork(word);
  if (network !== undefined) return { by: "client", network };
  const address = word.includes("@") ? parseAnyAddress(word) : undefined;
  if (address !== undefined) return { by: "sender", address };
  const domain = parseAnyNamePattern(word);
  return domain === undefined ? undefined : { by: "senderDomain", domain };
}
