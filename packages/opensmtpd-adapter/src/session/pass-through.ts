import { Buffer } from "node:buffer";
import { cutLine } from "../message/cut-line.ts";
import type { DataLine } from "../wire/data-line.ts";
import { dataLinePrefix, encodeResult, type Result } from "../wire/encode.ts";
import type { Request } from "../wire/line.ts";
import type { LineView } from "../wire/line-splitter.ts";
import { COME_BACK } from "../wire/reply-line.ts";
import type { FilterContext } from "./filter-context.ts";
import { maxPayloadBytes } from "./message-limits.ts";

const LF = Buffer.from("\n");

/**
 * Answers for sessions that there is no room for, and keeps nothing of them: they pass unseen, or are asked to come
 * back when they connect.
 */
export class PassThrough {
  readonly #context: FilterContext;

  constructor(context: FilterContext) {
    this.#context = context;
  }

  pass(request: Request): void {
    const { phase } = request;
    const mustWait =
      this.#context.onFailure === "tempfail" &&
      phase.kind === "connect" &&
      phase.source !== "local";
    const result: Result = mustWait
      ? { kind: "disconnect", reply: COME_BACK }
      : { kind: "proceed" };
    this.#context.outlet.send(encodeResult(request, result));
  }

  /** The line goes back as it came, or in pieces if smtpd would not take it. */
  passLine(data: DataLine, { bytes, end }: LineView): void {
    const prefix = dataLinePrefix(data);
    const line = bytes.subarray(data.payloadStart, end);
    const maxBytes = maxPayloadBytes(data, this.#context.smtpdVersion, prefix.length);
    const pieces = line.length === 0 ? [line] : cutLine(line, maxBytes, "");
    for (const piece of pieces) this.#context.outlet.write(Buffer.concat([prefix, piece, LF]));
  }
}
