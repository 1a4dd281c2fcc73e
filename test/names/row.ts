/** What a postmaster says of a name: a mail server's own, or made up for a machine or line, or for a dynamic line. */
export type Expected = "mail" | "static" | "dynamic";

/** A reverse name with the address it belongs to. */
export interface Row {
  readonly address: string;
  readonly name: string;
  readonly expected: Expected;
}

/** Reads a table of lines `address name`; empty lines and lines from `#` on are for people. */
export function rows(expected: Expected, text: string): readonly Row[] {
  return text.split("\n").flatMap((line) => {
    const [address, name] = line.trim().split(/\s+/);
    const isComment = address === undefined || address === "" || address.startsWith("#");
    return isComment || name === undefined ? [] : [{ address, name, expected }];
  });
}
