import type { Buffer } from "node:buffer";

/** A message on its way back to smtpd. */
export interface Releasable {
  /** The next stretch of it; whether there will be more. Does not throw. */
  nextStretch(): { readonly stretch: Buffer; readonly isLast: boolean };
}

/** Sends messages back, a stretch of each in turn, as fast as smtpd reads them. */
export class Releases {
  readonly #write: (stretch: Buffer) => boolean;
  readonly #queue: Releasable[] = [];
  #isBlocked = false;

  constructor(write: (stretch: Buffer) => boolean) {
    this.#write = write;
  }

  add(message: Releasable): void {
    this.#queue.push(message);
  }

  /** Nothing more of it is to be sent. */
  remove(message: Releasable): void {
    const at = this.#queue.indexOf(message);
    if (at !== -1) this.#queue.splice(at, 1);
  }

  /** smtpd has read what was sent. */
  drained(): void {
    this.#isBlocked = false;
    this.pump();
  }

  pump(): void {
    while (!this.#isBlocked) {
      const message = this.#queue.shift();
      if (message === undefined) return;
      const { stretch, isLast } = message.nextStretch();
      if (!isLast) this.#queue.push(message);
      this.#isBlocked = !this.#write(stretch);
    }
  }
}
