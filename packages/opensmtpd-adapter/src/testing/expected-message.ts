import type { Edit } from "@postern/smtp-filter";

/** One field of a header: its name as it is compared, and its lines. */
interface Field {
  readonly name: string;
  readonly lines: readonly string[];
  /** smtpd itself wrote it. */
  readonly isOwn: boolean;
}

/** A message taken apart, without any code of the adapter. */
interface Parts {
  /** Lines of the header that are no field, too: with an empty name. */
  readonly fields: readonly Field[];
  /** With the empty line before it. */
  readonly rest: readonly string[];
}

/** What the port must be told of a message: fields as `name:value`, and the body. */
export function expectedContent(lines: readonly string[]): {
  readonly headers: readonly string[];
  readonly body: string;
} {
  const { fields, rest } = parts(lines);
  return {
    headers: fields
      .filter(({ name, isOwn }) => name !== "" && !isOwn)
      .map(({ lines: all }) => all.join("\n")),
    body: rest
      .slice(1)
      .map((line) => `${line}\r\n`)
      .join(""),
  };
}

/** How a message must come back after edits, the insertions all of one line. */
export function expectedMessage(
  lines: readonly string[],
  edits: readonly Edit[],
): readonly string[] {
  const { fields, rest } = parts(lines);
  const hasMark = fields[0]?.isOwn === true && fields[0].name === "x-spam";
  const gone = new Set<Field>();
  const top: string[] = [];
  for (const edit of edits) {
    const name = edit.name.toLowerCase();
    if (edit.kind === "remove") {
      const named = fields.filter((field) => field.name === name && !field.isOwn);
      const field = named[edit.ordinal - 1];
      if (field !== undefined) gone.add(field);
    } else if (!(hasMark && name === "x-spam")) {
      top.unshift(...`${edit.name}: ${edit.value}`.split("\n"));
    }
  }
  return [
    ...top,
    ...fields.filter((field) => !gone.has(field)).flatMap(({ lines: all }) => all),
    ...rest,
  ];
}

function parts(lines: readonly string[]): Parts {
  const end = lines.indexOf("");
  const header = end === -1 ? lines : lines.slice(0, end);
  const groups: string[][] = [];
  for (const line of header) {
    const last = groups.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined && nameOf(last[0] ?? "") !== "") last.push(line);
    else groups.push([line]);
  }
  const names = groups.map(([first = ""]) => nameOf(first));
  const own =
    names[0] === "x-spam" ? (names[1] === "received" ? 2 : 1) : names[0] === "received" ? 1 : 0;
  const fields = groups.map((all, i) => ({ name: names[i] ?? "", lines: all, isOwn: i < own }));
  return { fields, rest: end === -1 ? [] : lines.slice(end) };
}

function nameOf(line: string): string {
  return /^([!-9;-~]+)[ \t]*:/.exec(line)?.[1]?.toLowerCase() ?? "";
}
