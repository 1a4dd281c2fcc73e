import type { Clock } from "../clock.ts";
import { toFields } from "../fields.ts";
import type { Visited } from "../open-reader.ts";
import { Link } from "./link.ts";

/** A file that is only read, by a thread of its own: a disk that hangs blocks nobody beyond a deadline. */
export function visitFile(path: string, clock: Pick<Clock, "wallMs">): Visited {
  const link = new Link({ path, maxKeys: 1, role: "visitor" });
  return {
    async read(keys) {
      const nowSeconds = Math.floor(clock.wallMs() / 1000);
      const { rows, unreadable } = await link.ask({ kind: "read", keys, nowSeconds });
      // On its way from the thread an object gets a prototype.
      const fields = new Map([...rows].map(([key, row]) => [key, toFields(Object.entries(row))]));
      return { rows: fields, unreadable };
    },
    lastWritten: () => link.ask({ kind: "lastWritten" }),
    close: () => link.end(),
  };
}
