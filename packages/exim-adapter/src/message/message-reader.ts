import { Buffer } from "node:buffer";
import type { Message } from "@postern/smtp-filter";
import { BodyWriter } from "./body-writer.ts";
import type { FieldKeeper } from "./field-keeper.ts";
import { fieldName, isBareName } from "./field-name.ts";

const LF = 0x0a;
const TAB = 0x09;
const SPACE = 0x20;
/** The longest field passed on, in bytes; the rest is dropped. No signature covers such a field. */
const MAX_FIELD_BYTES = 262_144;
/** What a field that was told, and a line of one that was not, takes beside its bytes, with some to spare. */
const FIELD_BYTES = 256;
const LINE_BYTES = 192;

/**
 * Tells a message with LF line ends, cut anywhere, to the port: fields one by one, then the body with CRLF. The header
 * is all that stands before the first empty line; what is not a field there is passed over, so that nothing hides behind
 * it.
 */
export class MessageReader {
  readonly #message: Message;
  readonly #keeper: FieldKeeper;
  readonly #isOwnReceived: (field: string) => boolean;
  readonly #body: BodyWriter;
  #isInHeader = true;
  #isFirstField = true;
  /** The line that is under way. */
  #line: Buffer[] = [];
  #lineBytes = 0;
  /** Lines of the field that is under way. */
  #field: Buffer[] = [];
  #fieldBytes = 0;
  #toldBytes = 0;

  /** @param isOwnReceived whether a Received field at the top is the mail server's own, which others do not show. */
  constructor(message: Message, keeper: FieldKeeper, isOwnReceived: (field: string) => boolean) {
    this.#message = message;
    this.#keeper = keeper;
    this.#isOwnReceived = isOwnReceived;
    this.#body = new BodyWriter(message);
  }

  /** The most that it holds, and that the port can have kept of the header. A body is not kept. */
  get heldBytes(): number {
    const pieces = this.#line.length + this.#field.length;
    const pending = this.#lineBytes + this.#fieldBytes + LINE_BYTES * pieces;
    return this.#toldBytes + pending + this.#body.heldBytes;
  }

  /** The port needs no more of the body. */
  get hasEnough(): boolean {
    return this.#body.hasEnough;
  }

  /**
   * Takes the next bytes. A promise is back-pressure: no more before it resolves.
   *
   * @throws {unknown} what the port throws.
   */
  take(chunk: Buffer): void | Promise<void> {
    let at = 0;
    while (this.#isInHeader && at < chunk.length) {
      const end = chunk.indexOf(LF, at);
      const piece = chunk.subarray(at, end === -1 ? chunk.length : end);
      this.#addToLine(piece);
      at += piece.length + 1;
      if (end !== -1) this.#takeLine();
    }
    if (!this.#isInHeader && at < chunk.length) return this.#body.take(chunk.subarray(at));
  }

  /** There are no more bytes. */
  end(): void {
    if (!this.#isInHeader) return;
    if (this.#lineBytes > 0) this.#takeLine();
    this.#tellField();
  }

  #addToLine(piece: Buffer): void {
    const room = MAX_FIELD_BYTES - this.#lineBytes;
    // The bytes are the socket's: a line may go on in the next ones.
    if (room > 0 && piece.length > 0) this.#line.push(Buffer.from(piece.subarray(0, room)));
    this.#lineBytes += piece.length;
  }

  #takeLine(): void {
    const line = joined(this.#line);
    const isEmpty = this.#lineBytes === 0;
    this.#line = [];
    this.#lineBytes = 0;
    if (isEmpty) {
      this.#tellField();
      this.#isInHeader = false;
    } else if (line[0] === SPACE || line[0] === TAB) {
      if (this.#field.length > 0) this.#addToField(line);
    } else {
      this.#tellField();
      if (fieldName(line) !== undefined || isBareName(line)) this.#addToField(line);
    }
  }

  #addToField(line: Buffer): void {
    const room = MAX_FIELD_BYTES - this.#fieldBytes;
    if (room > 0)
      this.#field.push(...(this.#field.length > 0 ? [FOLD] : []), line.subarray(0, room));
    this.#fieldBytes += line.length + 1;
  }

  #tellField(): void {
    if (this.#field.length === 0) return;
    const field = joined(this.#field);
    this.#field = [];
    this.#fieldBytes = 0;
    const name = fieldName(field);
    if (name === undefined) return;
    const isFirst = this.#isFirstField;
    this.#isFirstField = false;
    if (isFirst && name.text === "received" && this.#isOwnReceived(field.toString("latin1")))
      return;
    this.#toldBytes += field.length + FIELD_BYTES;
    this.#keeper.keep(name.text, field);
    this.#message.header(field.subarray(0, name.colonAt), field.subarray(name.colonAt + 1));
  }
}

const FOLD = Buffer.from("\n");

function joined(pieces: readonly Buffer[]): Buffer {
  const [first = Buffer.alloc(0), ...more] = pieces;
  return more.length === 0 ? first : Buffer.concat([first, ...more]);
}
