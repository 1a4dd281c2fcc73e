import type { Buffer } from "node:buffer";

/** How much of an endless line is kept. */
const MAX_HELD = 4_096;

/** Makes lines of the text that a process writes, however it comes. Empty ones are left out. */
export class TextLines {
  readonly #take: (line: string) => void;
  #held = "";

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  push(chunk: Buffer): void {
    const [first = "", ...rest] = chunk.toString("latin1").split("\n");
    const lines = [this.#held + first, ...rest];
    this.#held = (lines.pop() ?? "").slice(0, MAX_HELD);
    for (const line of lines) if (line !== "") this.#take(line);
  }

  /** There is no more. */
  end(): void {
    if (this.#held !== "") this.#take(this.#held);
    this.#held = "";
  }
}
