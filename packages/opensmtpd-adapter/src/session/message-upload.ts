import type { MessageSpool } from "../spool/message-spool.ts";
import type { Feedable } from "./feeder.ts";
import type { FilterContext } from "./filter-context.ts";
import type { MessageOwner } from "./message-owner.ts";

/** So much is shown at a time, until the message is complete. */
const PIECE_BYTES = 32_768;

export interface UploadProblems {
  /** The spool cannot be read. */
  readonly unreadable: (error: unknown) => void;
  /** The engine cannot be reached; it has been reported. */
  readonly unsent: () => void;
}

/** Shows a message to the engine while it comes, then asks for its verdict. */
export class MessageUpload implements Feedable {
  readonly number: number;
  readonly #spool: MessageSpool;
  readonly #owner: MessageOwner;
  readonly #context: FilterContext;
  readonly #problems: UploadProblems;
  #newBytes = 0;
  #hasEnough = false;
  /** The block that is shown, and how far. */
  #block = 0;
  #blockBytes = 0;
  /** Once the message is complete. */
  #question: number | undefined;
  #isStopped = false;

  constructor(
    number: number,
    spool: MessageSpool,
    owner: MessageOwner,
    context: FilterContext,
    problems: UploadProblems,
  ) {
    this.number = number;
    this.#spool = spool;
    this.#owner = owner;
    this.#context = context;
    this.#problems = problems;
  }

  /** A line has come. */
  grew(bytes: number): void {
    if (this.#hasEnough) return;
    this.#newBytes += bytes;
    if (this.#newBytes >= PIECE_BYTES) this.#context.feeder.add(this);
  }

  /** It is complete: shows what is left, then asks. */
  end(question: number): void {
    this.#question = question;
    this.#context.feeder.add(this);
  }

  /** The engine needs no more of it. */
  enough(): void {
    this.#hasEnough = true;
    if (this.#question !== undefined && !this.#isStopped) this.#context.feeder.add(this);
  }

  stop(): void {
    this.#isStopped = true;
    this.#context.feeder.remove(this);
  }

  feed(): number {
    if (this.#isStopped || !this.#owner.isWatched()) return 0;
    this.#newBytes = 0;
    let bytes: Uint8Array | undefined;
    try {
      bytes = this.#hasEnough ? undefined : this.#next();
    } catch (error) {
      this.stop();
      this.#problems.unreadable(error);
      return 0;
    }
    this.#context.guard(
      () => this.#send(bytes),
      () => {
        this.stop();
        this.#problems.unsent();
      },
    );
    return bytes?.length ?? 0;
  }

  #send(bytes: Uint8Array | undefined): void {
    const { session } = this.#owner;
    const message = this.number;
    if (bytes !== undefined)
      this.#context.engine.send({ kind: "content", session, message, bytes });
    else if (this.#question !== undefined) {
      const question = this.#question;
      this.#question = undefined;
      this.#context.engine.send({ kind: "ask", session, question, ask: { kind: "end" } });
    }
  }

  #next(): Uint8Array | undefined {
    const spool = this.#spool;
    for (; this.#block < spool.blocks; this.#block += 1) {
      const block = spool.block(this.#block);
      const piece = block.subarray(this.#blockBytes);
      if (piece.length > 0) {
        this.#blockBytes = block.length;
        return piece;
      }
      if (this.#block + 1 === spool.blocks) return undefined;
      this.#blockBytes = 0;
    }
    return undefined;
  }
}
