import { Buffer } from "node:buffer";

const BAR = 0x7c;
/** `filter|0.7|1795000001.000020|smtp-in|data-line|SESSION|TOKEN|`: so many bars stand before the payload. */
const BARS = 7;
/** Longer than any time stamp. */
const MAX_STAMP = 32;

/** One line of a message, with where it stands in the bytes it was read from. */
export interface DataLine {
  readonly version: string;
  readonly session: string;
  readonly token: string;
  /** Where the line of the message begins: still dot-stuffed, without CR. */
  readonly payloadStart: number;
  /** Behind the bar after the version. */
  readonly stampStart: number;
  /** The bar behind the time stamp. */
  readonly stampEnd: number;
}

/** Reads a `data-line` request, or undefined if the line is none. */
export function readDataLine(bytes: Buffer, start: number, end: number): DataLine | undefined {
  const bars: number[] = [];
  for (let at = start; at < end && bars.length < BARS; at += 1)
    if (bytes[at] === BAR) bars.push(at);
  const [kind = end, version = end, stamp = end, subsystem = end, phase = end, session = end] =
    bars;
  const token = bars[BARS - 1] ?? end;
  const text = (from: number, to: number) => bytes.toString("latin1", from, to);
  if (text(start, kind) !== "filter" || text(subsystem + 1, phase) !== "data-line")
    return undefined;
  if (session === end || session === phase + 1 || token <= session + 1) return undefined;
  return {
    version: text(kind + 1, version),
    session: text(phase + 1, session),
    token: text(session + 1, token),
    payloadStart: Math.min(token + 1, end),
    stampStart: version + 1,
    stampEnd: stamp,
  };
}

/**
 * Tells whether a line is one more of the message that the last one belonged to, without making a string: a message
 * of a million lines costs a fraction of a microsecond a line.
 */
export class DataLineMatcher {
  #head = Buffer.alloc(0);
  #tail = Buffer.alloc(0);

  /** From now on lines like this one match. */
  learn(bytes: Buffer, start: number, line: DataLine): void {
    // Without the last bar any longer token would match.
    if (bytes[line.payloadStart - 1] !== BAR) return;
    this.#head = Buffer.from(bytes.subarray(start, line.stampStart));
    this.#tail = Buffer.from(bytes.subarray(line.stampEnd, line.payloadStart));
  }

  /** Where the payload begins, or -1 if the line is another one. */
  match(bytes: Buffer, start: number, end: number): number {
    const head = this.#head;
    const tail = this.#tail;
    if (tail.length === 0 || end - start < head.length + tail.length) return -1;
    for (let i = 0; i < head.length; i += 1) if (bytes[start + i] !== head[i]) return -1;
    let at = start + head.length;
    const last = Math.min(end - tail.length, at + MAX_STAMP);
    while (at < last && bytes[at] !== BAR) at += 1;
    if (at > end - tail.length) return -1;
    for (let i = 0; i < tail.length; i += 1) if (bytes[at + i] !== tail[i]) return -1;
    return at + tail.length;
  }
}
