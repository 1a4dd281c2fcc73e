import { ProtocolError } from "../wire/protocol-error.ts";
import type { ByteSource } from "./byte-source.ts";

/** The message behind a request head: as many bytes as the head says, whatever comes after. */
export class Copy {
  readonly #source: ByteSource;
  readonly #length: number;
  #left: number;
  #waiting: Buffer | undefined;
  /** How many bytes of it are kept, for whoever counts them. */
  readonly keeps: (bytes: number) => void;
  /** What is to be given up where nobody waits for the verdict any more. */
  onAbandoned: () => void = () => {};

  /** @param rest what came with the head. */
  constructor(source: ByteSource, rest: Buffer, length: number, keeps: (bytes: number) => void) {
    this.#source = source;
    this.keeps = keeps;
    this.#length = length;
    this.#left = length;
    this.#waiting = rest.length > 0 ? rest : undefined;
  }

  get isPeerGone(): boolean {
    return this.#source.isGone;
  }

  /**
   * The next bytes; undefined when there are no more.
   *
   * @throws {ProtocolError} if the peer has closed its half before.
   */
  async next(): Promise<Buffer | undefined> {
    if (this.#left === 0) return undefined;
    const chunk = this.#waiting ?? (await this.#source.next());
    this.#waiting = undefined;
    if (chunk === undefined)
      throw new ProtocolError(
        `Cannot read the message: it ends ${this.#left} bytes before ${this.#length}`,
      );
    const mine = chunk.subarray(0, this.#left);
    this.#left -= mine.length;
    return mine;
  }

  /** Reads what is left: Exim takes no answer before it has written everything. */
  async drain(): Promise<void> {
    while ((await this.next()) !== undefined);
  }
}
