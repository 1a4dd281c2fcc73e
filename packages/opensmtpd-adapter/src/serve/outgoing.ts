import type { Buffer } from "node:buffer";
import type { Writable } from "node:stream";
import type { Outlet } from "../session/filter-context.ts";

/** The lines for smtpd on their way: answers of one turn leave in one write, and all in their order. */
export class Outgoing implements Outlet {
  readonly #stream: Writable;
  #answers = "";
  #isClosed = false;

  constructor(stream: Writable, onDrain: () => void) {
    this.#stream = stream;
    // In a turn of its own: a peer that reads as fast as we write must not keep everything else waiting.
    stream.on("drain", () => setImmediate(onDrain));
    // smtpd is gone (EPIPE); the end of stdin follows.
    stream.on("error", () => {});
  }

  send(line: string): void {
    if (this.#answers === "") process.nextTick(this.flush);
    this.#answers += line;
  }

  write(stretch: Buffer): boolean {
    this.flush();
    return this.#isClosed || this.#stream.write(stretch);
  }

  readonly flush = (): void => {
    const answers = this.#answers;
    this.#answers = "";
    if (answers !== "" && !this.#isClosed) this.#stream.write(answers, "latin1");
  };

  /** Nothing is written any more. */
  close(): void {
    this.#isClosed = true;
    this.#answers = "";
  }
}
