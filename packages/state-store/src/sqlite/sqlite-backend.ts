import type { Applied, Backend, RowsListed, RowsRead } from "../backend.ts";
import type { Clock } from "../clock.ts";
import { toFields } from "../fields.ts";
import type { Change } from "../port.ts";
import { Link } from "./link.ts";

/** Rows in a file that several processes may use at once; two threads of each hold it. */
export class SqliteBackend implements Backend {
  readonly name: string;
  readonly #clock: Pick<Clock, "wallMs">;
  readonly #reader: Link;
  readonly #writer: Link;

  constructor(path: string, maxKeys: number, clock: Pick<Clock, "wallMs">) {
    this.name = `sqlite:${path}`;
    this.#clock = clock;
    this.#reader = new Link({ path, maxKeys, role: "reader" });
    this.#writer = new Link({ path, maxKeys, role: "writer" });
  }

  async read(keys: readonly string[]): Promise<RowsRead> {
    const { rows, unreadable } = await this.#reader.ask({
      kind: "read",
      keys,
      nowSeconds: this.#now(),
    });
    // On its way from the thread an object gets a prototype.
    const fields = new Map([...rows].map(([key, row]) => [key, toFields(Object.entries(row))]));
    return { rows: fields, unreadable };
  }

  apply(changes: readonly Change[]): Promise<Applied> {
    return this.#writer.ask({ kind: "apply", changes, nowSeconds: this.#now() });
  }

  async list(prefix: string, limit: number): Promise<RowsListed> {
    const { rows, isCut } = await this.#writer.ask({
      kind: "list",
      prefix,
      limit,
      nowSeconds: this.#now(),
    });
    return {
      rows: rows.map(({ key, fields }) => ({ key, fields: toFields(Object.entries(fields)) })),
      isCut,
    };
  }

  forget(key: string): Promise<"forgotten" | "absent"> {
    return this.#writer.ask({ kind: "forget", key, nowSeconds: this.#now() });
  }

  /** The writer first: it is the one that makes a new file. */
  async probe(): Promise<void> {
    await this.#writer.ask({ kind: "probe", nowSeconds: this.#now() });
    await this.#reader.ask({ kind: "probe", nowSeconds: this.#now() });
  }

  /** One after the other: of two connections closing at once neither is the last, and the -wal would stay. */
  async close(): Promise<void> {
    await this.#reader.end();
    await this.#writer.end();
  }

  #now(): number {
    return Math.floor(this.#clock.wallMs() / 1000);
  }
}
