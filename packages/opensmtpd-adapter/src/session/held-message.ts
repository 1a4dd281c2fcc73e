import { Buffer } from "node:buffer";
import type { Edit } from "@postern/smtp-filter";
import { prepareRelease } from "../message/prepare-release.ts";
import type { Release } from "../message/release.ts";
import { MessageSpool } from "../spool/message-spool.ts";
import { type Addressee, dataLinePrefix } from "../wire/encode.ts";
import type { FilterContext } from "./filter-context.ts";
import { type Limit, maxPayloadBytes } from "./message-limits.ts";
import type { MessageOwner } from "./message-owner.ts";
import { MessageUpload } from "./message-upload.ts";
import { MessageVerdict } from "./message-verdict.ts";
import type { Ending } from "./questions.ts";
import type { Releasable } from "./releases.ts";

/**
 * A message that is held until its verdict is known, shown to the engine meanwhile, and then sent back in its order.
 * That it is refused is told later, at commit.
 */
export class HeldMessage implements Releasable {
  readonly number: number;
  readonly token: string;
  readonly #addressee: Addressee;
  readonly #owner: MessageOwner;
  readonly #context: FilterContext;
  readonly #spool: MessageSpool;
  readonly #prefix: Buffer;
  readonly #maxPayloadBytes: number;
  readonly #upload: MessageUpload;
  readonly #verdict = new MessageVerdict();
  #state: "holding" | "judging" | "releasing" | "released" | "dropped" = "holding";
  #question = 0;
  #release: Release | undefined;
  /** An exception has come up: nobody is to judge it. */
  #isAbandoned = false;

  constructor(addressee: Addressee, owner: MessageOwner, context: FilterContext) {
    this.number = context.nextNumber();
    this.token = addressee.token;
    this.#addressee = addressee;
    this.#owner = owner;
    this.#context = context;
    this.#spool = new MessageSpool(context.room);
    this.#prefix = dataLinePrefix(addressee);
    const { smtpdVersion } = context;
    this.#maxPayloadBytes = maxPayloadBytes(addressee, smtpdVersion, this.#prefix.length);
    this.#upload = new MessageUpload(this.number, this.#spool, owner, context, {
      unreadable: (error) => this.#unreadable(error),
      unsent: () => this.fault(),
    });
  }

  get isHolding(): boolean {
    return this.#state === "holding";
  }

  get isReleased(): boolean {
    return this.#state === "released";
  }

  /** What commit is answered with; null: it is let in. */
  get refusal(): string | null {
    return this.#verdict.refusal;
  }

  /** For the sweep: it grows as long as smtpd sends. */
  get lines(): number {
    return this.#spool.lines;
  }

  /** Takes the next line of the message, but the final dot. */
  take(bytes: Buffer, start: number, end: number): void {
    if (this.#verdict.isIncomplete) return;
    if (this.#spool.lines >= this.#context.settings.maxLines) {
      this.#exceed("lines");
    } else if (this.#spool.append(bytes, start, end)) {
      if (end - start > this.#maxPayloadBytes) this.cut();
      this.#upload.grew(end - start + 1);
    } else {
      this.#exceed("storage");
    }
  }

  /** A line cannot go back as it is, or did not come whole. */
  cut(): void {
    if (this.#verdict.limit === null) this.#exceed("line-length");
  }

  /** The final dot: the verdict is asked for. */
  end(): void {
    this.#state = "judging";
    if (this.#verdict.isIncomplete) this.#sendBack([]);
    else if (this.#isAbandoned || !this.#owner.isWatched()) this.#fail();
    else {
      const settle = (ending: Ending): void => this.#judged(ending);
      this.#question = this.#context.questions.open("end", settle, () => this.fault());
      this.#upload.end(this.#question);
    }
  }

  nextStretch(): { readonly stretch: Buffer; readonly isLast: boolean } {
    try {
      const stretch = this.#release?.next();
      if (stretch !== undefined && this.#release?.isOver === false)
        return { stretch, isLast: false };
      this.#released();
      return { stretch: stretch ?? this.#dot(), isLast: true };
    } catch (error) {
      this.#context.report({ kind: "spool-error", error });
      this.#verdict.lose();
      this.#released();
      return { stretch: this.#dot(), isLast: true };
    }
  }

  /** An exception has come up: it goes back unjudged. */
  fault(): void {
    this.#isAbandoned = true;
    if (this.#state === "judging") this.#fail();
  }

  /** A line of it may be lost. */
  spoil(): void {
    if (this.#state === "holding") this.#exceed("storage");
  }

  /** The transaction is over: nothing more is sent. */
  drop(): void {
    this.#state = "dropped";
    this.#upload.stop();
    this.#context.releases.remove(this);
    this.#context.questions.drop(this.#question);
    this.#spool.close();
  }

  #judged(ending: Ending): void {
    if (ending.kind === "continue") this.#sendBack([]);
    else if (ending.kind === "deliver") this.#sendBack(ending.edits);
    else if (ending.kind === "refuse") {
      this.#verdict.refusal = ending.reply;
      this.#sendBack([]);
    } else {
      this.#fail();
    }
  }

  /** Not judged: the message goes back unchanged. */
  #fail(): void {
    this.#verdict.fail(this.#owner.onFailure());
    this.#sendBack([]);
  }

  #unreadable(error: unknown): void {
    this.#context.report({ kind: "spool-error", error });
    this.#exceed("storage");
    this.#sendBack([]);
  }

  #sendBack(edits: readonly Edit[]): void {
    if (this.#state !== "judging") return;
    this.#context.questions.drop(this.#question);
    this.#upload.stop();
    this.#verdict.conclude(this.#context.settings.longLines);
    const { report } = this.#context;
    const maxPayloadBytes = this.#maxPayloadBytes;
    this.#release = prepareRelease(this.#spool, this.#prefix, {
      maxPayloadBytes,
      edits: this.refusal === null ? edits : [],
      isIncomplete: this.#verdict.isIncomplete,
      onDropped: (name) => report({ kind: "edit-dropped", name }),
    });
    // From here on nothing is asked of it again, should something have thrown before.
    this.#state = "releasing";
    this.#context.releases.add(this);
  }

  #exceed(why: Limit): void {
    this.#verdict.limit = why;
    this.#context.report({ kind: "message-limit", session: this.#addressee.session, why });
  }

  #dot(): Buffer {
    return Buffer.concat([this.#prefix, Buffer.from(".\n")]);
  }

  #released(): void {
    this.#state = "released";
    this.#spool.close();
  }
}
