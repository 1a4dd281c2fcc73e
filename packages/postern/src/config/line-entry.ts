import type { ClientEntry, Selector } from "@postern/filter-core";
import type { Line } from "./entry-file.ts";
import { textOf } from "./entry-schema.ts";

/** An entry of a file. There may be a million of them, so how one was written is put together when somebody asks. */
export class LineEntry implements ClientEntry {
  readonly selectors: readonly Selector[];
  readonly until: string | null;
  readonly proof?: "waived";
  readonly #file: string;
  readonly #number: number;

  constructor({ selector, file, number }: Line, until: string | null, unproved = false) {
    this.selectors = [selector];
    this.until = until;
    if (unproved) this.proof = "waived";
    this.#file = file;
    this.#number = number;
  }

  get text(): string {
    const end = this.until === null ? "" : ` until ${this.until}`;
    return `${textOf(this.selectors)} (${this.#file}:${this.#number})${end}`;
  }
}
