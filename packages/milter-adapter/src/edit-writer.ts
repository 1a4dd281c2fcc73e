import { type Edit, unreachable } from "@postern/smtp-filter";
import type { Answers } from "./answers.ts";
import { ACTIONS, hasBit, PROTOCOL } from "./wire/negotiate.ts";
import type { Modification } from "./wire/response.ts";

/** Writes the port's edits as packets, in their order; what the MTA did not grant is reported once a session. */
export class EditWriter {
  readonly #answers: Answers;
  #hasReported = false;

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  write(edit: Edit): void {
    const { actions } = this.#answers.negotiation;
    if (!hasBit(actions, edit.kind === "insert" ? ACTIONS.addHeaders : ACTIONS.changeHeaders)) {
      if (!this.#hasReported)
        this.#answers.report({ kind: "edit-not-negotiated", edit: edit.kind });
      this.#hasReported = true;
      return;
    }
    this.#answers.call("end-of-message", () => this.#answers.modify(this.#modification(edit)));
  }

  #modification(edit: Edit): Modification {
    switch (edit.kind) {
      case "insert": {
        // With SMFIP_HDR_LEADSPC the MTA does not add the space after the colon.
        const blank = hasBit(this.#answers.negotiation.protocol, PROTOCOL.leadingSpace) ? " " : "";
        const value = `${blank}${edit.value.replace(/^ /, "")}`;
        return { kind: "insert-header", index: 0, name: edit.name, value };
      }
      case "remove":
        return { kind: "change-header", ordinal: edit.ordinal, name: edit.name, value: "" };
      default:
        return unreachable(edit);
    }
  }
}
