import type { Scenario } from "./scenario.ts";

/** What a row expects in the log: the stage as Postfix has it, and fields by name. null: the line has no such field. */
export interface ExpectedLog {
  readonly stage?: string;
  readonly [field: string]: string | null | undefined;
}

/** A line of the log that tells a decision, read back. */
export interface LoggedDecision {
  readonly mta: string;
  readonly stage: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** undefined: the line tells something else. Quotes around a value are left out. */
export function readLogLine(line: string): LoggedDecision | undefined {
  const [, mta, stage, rest] = /^[0-9a-f]{16} (\S+) (\S+) (.*)$/.exec(line) ?? [];
  if (mta === undefined || stage === undefined || rest === undefined) return undefined;
  const fields = new Map<string, string>();
  for (const [, key = "", quoted, bare = ""] of rest.matchAll(/([a-z-]+)=(?:"([^"]*)"|(\S*))/g))
    fields.set(key, quoted ?? bare);
  return { mta, stage, fields };
}

/** Whether the line is of that mail server and of one of these stages (none: any), and has what is expected. */
export function isLogged(
  line: string,
  mta: string,
  stages: readonly string[],
  { stage: _, ...expected }: ExpectedLog,
): boolean {
  const read = readLogLine(line);
  return (
    read !== undefined &&
    read.mta === mta &&
    (stages.length === 0 || stages.includes(read.stage)) &&
    Object.entries(expected).every(([name, value]) => (read.fields.get(name) ?? null) === value)
  );
}

/** What a row's line has on every front: the reply that the client read is in it, and what the row says of it. */
export function expectedLog({ action, reply, log }: Scenario["expect"]): ExpectedLog {
  return { action, result: reply ?? "250", ...log };
}
