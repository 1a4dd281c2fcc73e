import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("./recordings/", import.meta.url);

/** One line of a recording, as latin1, without its LF. */
export interface Recorded {
  readonly from: "smtpd" | "filter";
  readonly line: string;
}

/** The recorded sessions of smtpd 6.8.0p2, by the name of their case. */
export function captures(): ReadonlyMap<string, readonly Recorded[]> {
  const names = readdirSync(new URL("captures/", folder)).filter((name) => name.endsWith(".txt"));
  return new Map(
    names
      .toSorted()
      .map((name) => [name.slice(0, -4), recording(`captures/${name}`, "-> ", "<- ")]),
  );
}

/** A dialogue of ours with smtpd: `< ` before its lines, `> ` before ours, `#` before remarks. */
export function golden(name: string): readonly Recorded[] {
  return recording(name, "< ", "> ");
}

function recording(name: string, smtpd: string, filter: string): readonly Recorded[] {
  return readFileSync(new URL(name, folder), "latin1")
    .split("\n")
    .flatMap((text): Recorded[] => {
      if (text.startsWith(smtpd)) return [{ from: "smtpd", line: text.slice(smtpd.length) }];
      if (text.startsWith(filter)) return [{ from: "filter", line: text.slice(filter.length) }];
      return [];
    });
}
