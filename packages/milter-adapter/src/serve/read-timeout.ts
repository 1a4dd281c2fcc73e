import type { Clock } from "@postern/smtp-filter";

/** What the connection may wait for, and the timeout of each. */
export const READ_TIMEOUTS_MS = {
  /** The first packet. No MTA takes longer. */
  negotiation: 30_000,
  /** From the first byte of a packet to its last: no MTA sends one byte a minute. */
  "rest-of-packet": 60_000,
  /** SMTP clients think for minutes, sendmail allows an hour; libmilter waits this long. */
  command: 7_210_000,
} as const;

export type WaitedFor = keyof typeof READ_TIMEOUTS_MS;

/** The one timer of a connection: it runs while the next byte is the peer's to send. */
export class ReadTimeout {
  readonly #clock: Clock;
  readonly #lose: (waitedFor: WaitedFor) => void;
  #waitsFor: WaitedFor | undefined;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, lose: (waitedFor: WaitedFor) => void) {
    this.#clock = clock;
    this.#lose = lose;
  }

  /** Goes on waiting for this; begins if it does not yet. */
  keep(waitedFor: WaitedFor): void {
    if (this.#waitsFor !== waitedFor) this.restart(waitedFor);
  }

  restart(waitedFor: WaitedFor): void {
    this.#cancel?.();
    this.#waitsFor = waitedFor;
    this.#cancel = this.#clock.after(READ_TIMEOUTS_MS[waitedFor], this.#fire);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waitsFor = undefined;
  }

  readonly #fire = (): void => {
    const waitedFor = this.#waitsFor;
    this.stop();
    if (waitedFor !== undefined) this.#lose(waitedFor);
  };
}
