/** smtpd logs each line of a filter's stderr; one of 64 KiB would not be safe (6.8, 7.8). */
const MAX_LINE = 900;

export interface LogLinesOptions {
  readonly write: (line: string) => void;
  /** Burst size, in lines. */
  readonly burst: number;
  /** And so many in the long run. */
  readonly perSecond: number;
  readonly nowMs?: () => number;
}

/** Lines for smtpd's log: printable, short, and rate-limited for syslog. */
export class LogLines {
  readonly #options: LogLinesOptions;
  readonly #nowMs: () => number;
  #tokens: number;
  #lastMs: number;
  #leftOut = 0;

  constructor(options: LogLinesOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#tokens = options.burst;
    this.#lastMs = this.#nowMs();
  }

  log(text: string): void {
    this.#refill();
    if (this.#tokens < 1) {
      this.#leftOut += 1;
      return;
    }
    this.#tokens -= 1;
    const { write } = this.#options;
    if (this.#leftOut > 0) write(`postern: ${this.#leftOut} lines were left out\n`);
    this.#leftOut = 0;
    write(`${printable(text)}\n`);
  }

  #refill(): void {
    const { burst, perSecond } = this.#options;
    const nowMs = this.#nowMs();
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#lastMs) * perSecond) / 1_000);
    this.#lastMs = nowMs;
  }
}

/** The text as one line of printable ASCII, cut to what a log takes. */
function printable(text: string): string {
  const line = text.slice(0, MAX_LINE).replace(/[^\x20-\x7e]+/g, "?");
  return text.length > MAX_LINE ? `${line}...` : line;
}
