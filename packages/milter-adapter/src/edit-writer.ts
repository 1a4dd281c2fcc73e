import { type Edit, unreachable } from "@postern/smtp-filter";
import type { Answers } from "./answers.ts";
import { ACTIONS, hasBit, PROTOCOL } from "./wire/negotiate.ts";
import type { Modification } from "./wire/response.ts";

/** A packet of a new body: what libmilter sends at a time. */
const BODY_BYTES = 65_535;

/** Which action of the negotiation each change needs. */
const NEEDED = {
  insert: ACTIONS.addHeaders,
  remove: ACTIONS.changeHeaders,
  "add-header": ACTIONS.addHeaders,
  "insert-header": ACTIONS.addHeaders,
  "change-header": ACTIONS.changeHeaders,
  "replace-body": ACTIONS.changeBody,
  "add-recipient": ACTIONS.addRecipients,
  "add-recipient-with-parameters": ACTIONS.addRecipientsWithParameters,
  "delete-recipient": ACTIONS.deleteRecipients,
  "change-sender": ACTIONS.changeSender,
  quarantine: ACTIONS.quarantine,
} as const satisfies Record<(Edit | Modification)["kind"], number>;

/** Writes a filter's changes as packets, in their order; what the MTA did not grant is reported once a session. */
export class EditWriter {
  readonly #answers: Answers;
  #hasReported = false;

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  write(edit: Edit | Modification): void {
    if (!hasBit(this.#answers.negotiation.actions, NEEDED[edit.kind])) {
      if (!this.#hasReported)
        this.#answers.report({ kind: "edit-not-negotiated", edit: edit.kind });
      this.#hasReported = true;
      return;
    }
    this.#answers.call("end-of-message", () => {
      for (const packet of this.#packets(edit)) this.#answers.modify(packet);
    });
  }

  #packets(edit: Edit | Modification): readonly Modification[] {
    switch (edit.kind) {
      case "insert": {
        const value = this.#leading(edit.value);
        return [{ kind: "insert-header", index: 0, name: edit.name, value }];
      }
      case "remove":
        return [{ kind: "change-header", ordinal: edit.ordinal, name: edit.name, value: "" }];
      case "add-header":
      case "insert-header":
        return [{ ...edit, value: this.#leading(edit.value) }];
      case "change-header":
        return [edit.value === "" ? edit : { ...edit, value: this.#leading(edit.value) }];
      case "replace-body":
        return bodyPackets(edit.chunk);
      case "add-recipient":
      case "add-recipient-with-parameters":
      case "delete-recipient":
      case "change-sender":
      case "quarantine":
        return [edit];
      default:
        return unreachable(edit);
    }
  }

  /** With SMFIP_HDR_LEADSPC the MTA does not add the space after the colon. */
  #leading(value: string): string {
    const blank = hasBit(this.#answers.negotiation.protocol, PROTOCOL.leadingSpace) ? " " : "";
    return `${blank}${value.replace(/^ /, "")}`;
  }
}

/** An empty body is one empty packet: the MTA drops the old one with the first. */
function bodyPackets(body: Uint8Array): readonly Modification[] {
  const packets: Modification[] = [];
  for (let at = 0; at === 0 || at < body.length; at += BODY_BYTES)
    packets.push({ kind: "replace-body", chunk: body.subarray(at, at + BODY_BYTES) });
  return packets;
}
