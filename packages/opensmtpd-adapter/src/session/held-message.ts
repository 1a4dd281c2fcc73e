import { Buffer } from "node:buffer";
import type { Edit } from "@postern/filter-core";
import type { FailureAnswer } from "../engine-messages.ts";
import { HeaderEdits, hasSpamMark } from "../message/header-edits.ts";
import { Release } from "../message/release.ts";
import { MessageSpool } from "../spool/message-spool.ts";
import { type Addressee, dataLinePrefix } from "../wire/encode.ts";
import { staying, TRY_LATER } from "../wire/reply-line.ts";
import { LIMIT_REFUSALS, type Limit, maxPayloadBytes } from "./message-limits.ts";
import type { Ending } from "./questions.ts";
import type { Releasable } from "./releases.ts";
import { Showing, type ShownMessage } from "./showing.ts";
import type { Surroundings } from "./surroundings.ts";

/** The transaction that a message is in. */
export interface Holder {
  /** The number of its session. */
  readonly session: number;
  /** The engine that is there now knows of it. */
  readonly isWatched: () => boolean;
  readonly onFailure: () => FailureAnswer;
}

/**
 * A message that is held until its verdict is known, shown to the engine meanwhile, and then sent back in its order.
 * That it is refused is told later, at commit.
 */
export class HeldMessage implements Releasable {
  readonly number: number;
  readonly token: string;
  /** What commit is answered with; null: it is let in. */
  refusal: string | null = null;
  readonly #addressee: Addressee;
  readonly #holder: Holder;
  readonly #in: Surroundings;
  readonly #spool: MessageSpool;
  readonly #prefix: Buffer;
  readonly #maxPayloadBytes: number;
  readonly #showing: Showing;
  #state: "holding" | "judging" | "releasing" | "released" | "dropped" = "holding";
  #limit: Limit | null = null;
  #question = 0;
  #release: Release | undefined;
  /** An exception has come up: nobody is to judge it. */
  #isForsaken = false;

  constructor(addressee: Addressee, holder: Holder, surroundings: Surroundings) {
    this.number = surroundings.nextNumber();
    this.token = addressee.token;
    this.#addressee = addressee;
    this.#holder = holder;
    this.#in = surroundings;
    this.#spool = new MessageSpool(surroundings.room);
    this.#prefix = dataLinePrefix(addressee);
    const { smtpdVersion } = surroundings;
    this.#maxPayloadBytes = maxPayloadBytes(addressee, smtpdVersion, this.#prefix.length);
    const { session, isWatched } = holder;
    const shown: ShownMessage = {
      number: this.number,
      session,
      spool: this.#spool,
      isWatched,
      onUnreadable: (error) => this.#unreadable(error),
      onUnsent: () => this.fault(),
    };
    this.#showing = new Showing(shown, surroundings);
  }

  get isHolding(): boolean {
    return this.#state === "holding";
  }

  get isReleased(): boolean {
    return this.#state === "released";
  }

  /** For the sweep: it grows as long as smtpd sends. */
  get lines(): number {
    return this.#spool.lines;
  }

  /** Takes the next line of the message, but the final dot. */
  take(bytes: Buffer, start: number, end: number): void {
    if (this.#isIncomplete) return;
    if (this.#spool.lines >= this.#in.settings.maxLines) {
      this.#exceed("lines");
      return;
    }
    if (!this.#spool.append(bytes, start, end)) {
      this.#exceed("storage");
      return;
    }
    if (end - start > this.#maxPayloadBytes) this.cut();
    this.#showing.grew(end - start + 1);
  }

  /** A line cannot go back as it is, or did not come whole. */
  cut(): void {
    if (this.#limit === null) this.#exceed("line-length");
  }

  /** The final dot: the verdict is asked for. */
  end(): void {
    this.#state = "judging";
    if (this.#isIncomplete) this.#sendBack([]);
    else if (this.#isForsaken || !this.#holder.isWatched()) this.#fail();
    else {
      const settle = (ending: Ending): void => this.#judged(ending);
      this.#question = this.#in.questions.open("end", settle, () => this.fault());
      this.#showing.end(this.#question);
    }
  }

  /** The engine has seen what it needs. */
  enough(): void {
    this.#showing.enough();
  }

  nextStretch(): { readonly stretch: Buffer; readonly isLast: boolean } {
    try {
      const stretch = this.#release?.next();
      if (stretch !== undefined && this.#release?.isOver === false)
        return { stretch, isLast: false };
      this.#released();
      return { stretch: stretch ?? this.#dot(), isLast: true };
    } catch (error) {
      this.#in.report({ kind: "spool-error", error });
      this.refusal = LIMIT_REFUSALS.storage;
      this.#released();
      return { stretch: this.#dot(), isLast: true };
    }
  }

  /** An exception has come up: it goes back unjudged. */
  fault(): void {
    this.#isForsaken = true;
    if (this.#state === "judging") this.#fail();
  }

  /** A line of it may be lost. */
  spoil(): void {
    if (this.#state === "holding") this.#exceed("storage");
  }

  /** The transaction is over: nothing more is sent. */
  drop(): void {
    this.#state = "dropped";
    this.#showing.stop();
    this.#in.releases.remove(this);
    this.#in.questions.drop(this.#question);
    this.#spool.close();
  }

  /** What is not whole is not stored any further, nor judged. */
  get #isIncomplete(): boolean {
    return this.#limit === "lines" || this.#limit === "storage";
  }

  #judged(ending: Ending): void {
    switch (ending.kind) {
      case "continue":
        this.#sendBack([]);
        break;
      case "deliver":
        this.#sendBack(ending.edits);
        break;
      case "refuse":
        this.refusal = staying(ending.reply);
        this.#sendBack([]);
        break;
      default:
        this.#fail();
    }
  }

  /** Nobody has judged it: it goes back byte for byte. */
  #fail(): void {
    if (this.#holder.onFailure() === "tempfail") this.refusal ??= TRY_LATER;
    this.#sendBack([]);
  }

  #unreadable(error: unknown): void {
    this.#in.report({ kind: "spool-error", error });
    this.#exceed("storage");
    this.#sendBack([]);
  }

  #sendBack(edits: readonly Edit[]): void {
    if (this.#state !== "judging") return;
    this.#state = "releasing";
    this.#in.questions.drop(this.#question);
    this.#showing.stop();
    if (this.#limit === "line-length" && this.#in.settings.longLines === "refuse")
      this.refusal ??= LIMIT_REFUSALS["line-length"];
    else if (this.#isIncomplete && this.#limit !== null) this.refusal = LIMIT_REFUSALS[this.#limit];
    this.#release = this.#prepare(this.refusal === null ? edits : []);
    this.#in.releases.add(this);
  }

  /** @param given none: it goes back as it came. */
  #prepare(given: readonly Edit[]): Release {
    const spool = this.#spool;
    const prefix = this.#prefix;
    const maxPayload = this.#maxPayloadBytes;
    const { report } = this.#in;
    const edits =
      given.length === 0
        ? null
        : new HeaderEdits(given, maxPayload - 1, hasSpamMark(spool), (name) =>
            report({ kind: "edit-dropped", name }),
          );
    return new Release({ spool, prefix, maxPayloadBytes: maxPayload, edits });
  }

  #exceed(why: Limit): void {
    this.#limit = why;
    this.#in.report({ kind: "message-limit", session: this.#addressee.session, why });
  }

  #dot(): Buffer {
    return Buffer.concat([this.#prefix, Buffer.from(".\n")]);
  }

  #released(): void {
    this.#state = "released";
    this.#spool.close();
  }
}
