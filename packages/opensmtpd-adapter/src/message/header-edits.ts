import type { Buffer } from "node:buffer";
import type { Edit } from "@postern/smtp-filter";
import type { MessageSpool } from "../spool/message-spool.ts";
import { headerLines } from "../wire/header-lines.ts";
import { FieldScanner, unstuffed } from "./field-scanner.ts";

/** The edits of a message, as they apply to its lines one after the other. */
export class HeaderEdits {
  /** Lines to stand at the very top, as latin1, not dot-stuffed. */
  readonly top: readonly string[];
  readonly #removals = new Map<string, Set<number>>();
  readonly #counts = new Map<string, number>();
  readonly #scanner = new FieldScanner();
  #isRemoving = false;

  /**
   * @param maxBytes of an inserted line.
   * @param hasSpamMark smtpd has written `X-Spam` itself: ours would be a second one.
   * @param onDropped told of insertions whose name is none.
   */
  constructor(
    edits: readonly Edit[],
    maxBytes: number,
    hasSpamMark: boolean,
    onDropped: (name: string) => void,
  ) {
    const fields: (readonly string[])[] = [];
    for (const edit of edits) {
      if (edit.kind === "remove") this.#remove(edit.name.toLowerCase(), edit.ordinal);
      else if (hasSpamMark && edit.name.toLowerCase() === "x-spam") continue;
      else {
        const lines = headerLines(edit.name, edit.value, maxBytes);
        if (lines === undefined) onDropped(edit.name);
        else fields.push(lines);
      }
    }
    // Each goes to the very top, so the last is the topmost.
    this.top = fields.reverse().flat();
  }

  /** Whether lines of the header must be looked at. */
  get removesAny(): boolean {
    return this.#removals.size > 0;
  }

  /** Takes the next line of the message, as it lies in the spool: is it kept, taken away, or the end of the header? */
  next(bytes: Buffer, start: number, end: number): "keep" | "remove" | "end" {
    const scanner = this.#scanner;
    const what = scanner.see(bytes, unstuffed(bytes, start, end), end);
    if (what === "end") return "end";
    if (what === "field") this.#isRemoving = this.#isTaken();
    else if (what === "no-field") this.#isRemoving = false;
    return this.#isRemoving ? "remove" : "keep";
  }

  #isTaken(): boolean {
    const { name, isOwn } = this.#scanner;
    const ordinals = this.#removals.get(name);
    if (ordinals === undefined || isOwn) return false;
    const ordinal = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, ordinal);
    return ordinals.has(ordinal);
  }

  #remove(name: string, ordinal: number): void {
    const ordinals = this.#removals.get(name);
    if (ordinals === undefined) this.#removals.set(name, new Set([ordinal]));
    else ordinals.add(ordinal);
  }
}

/** Whether smtpd's first line is `X-Spam: Yes`, as an earlier filter of the chain wanted it. */
export function hasSpamMark(spool: MessageSpool): boolean {
  if (spool.blocks === 0) return false;
  const block = spool.block(0);
  const end = block.indexOf(0x0a);
  const scanner = new FieldScanner();
  scanner.see(block, unstuffed(block, 0, end), end);
  return scanner.isOwn && scanner.name === "x-spam";
}
