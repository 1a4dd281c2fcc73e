import type { Buffer } from "node:buffer";
import { LineSplitter, type LineView } from "../wire/line-splitter.ts";

/** How long lines are processed before other work gets its turn. */
const SLICE_MS = 2;
/** So many lines, or bytes, are taken between looks at the clock: a slow disk may have held up each block of them. */
const LINES_A_LOOK = 32;
const BYTES_A_LOOK = 65_536;
/** What may wait to be taken before no more is read. */
const MAX_WAITING_BYTES = 1_048_576;

export interface IntakeOptions {
  readonly take: (line: LineView) => void;
  /** After each slice. */
  readonly settle: () => void;
  /** Nothing is left of what was read. */
  readonly onEmpty: () => void;
}

/** Takes what smtpd sends in slices: a large message must not keep timers, answers and the engine waiting. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #splitter = new LineSplitter();
  readonly #chunks: Buffer[] = [];
  #waitingBytes = 0;
  #isRunning = false;
  /** A line of the splitter's chunk is still to be taken. */
  #hasChunk = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Nothing more should be read before `onEmpty`. */
  get isFull(): boolean {
    return this.#waitingBytes > MAX_WAITING_BYTES;
  }

  get isEmpty(): boolean {
    return !this.#isRunning;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#start();
  }

  #start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(this.#run);
  }

  readonly #run = (): void => {
    this.#isRunning = false;
    const until = performance.now() + SLICE_MS;
    let isOver = false;
    while (!isOver && this.#nextChunk()) isOver = this.#takeLines(until);
    if (this.#hasChunk || this.#chunks.length > 0) this.#start();
    this.#options.settle();
    if (!this.#isRunning) this.#options.onEmpty();
  };

  #nextChunk(): boolean {
    if (this.#hasChunk) return true;
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return false;
    this.#waitingBytes -= chunk.length;
    this.#splitter.push(chunk);
    this.#hasChunk = true;
    return true;
  }

  /** Whether the time is over. */
  #takeLines(until: number): boolean {
    let bytes = 0;
    for (let count = 1; ; count += 1) {
      const line = this.#splitter.next();
      if (line === undefined) {
        this.#hasChunk = false;
        return performance.now() >= until;
      }
      this.#options.take(line);
      bytes += line.end - line.start;
      if (count % LINES_A_LOOK !== 0 && bytes < BYTES_A_LOOK) continue;
      bytes = 0;
      if (performance.now() >= until) return true;
    }
  }
}
