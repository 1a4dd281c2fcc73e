import { unreachable } from "@postern/smtp-filter";
import { agree } from "./agree.ts";
import { Answers } from "./answers.ts";
import { Conversation } from "./conversation.ts";
import { EditWriter } from "./edit-writer.ts";
import type { SessionState } from "./events.ts";
import type { MilterAction } from "./milter-filter.ts";
import { type SessionOptions, settingsOf } from "./options.ts";
import { describeClient } from "./smtp-client.ts";
import { type Place, reactionTo } from "./state-table.ts";
import { type Command, decodeCommand } from "./wire/command.ts";
import { MacroStore } from "./wire/macros.ts";
import { ACTIONS, hasBit, type Offer } from "./wire/negotiate.ts";
import { ProtocolError } from "./wire/protocol-error.ts";
import type { Verdict } from "./wire/response.ts";
import { isStage } from "./wire/stage.ts";

/** Where a session's packets go, and how it says that it is over. */
export interface Outlet {
  send(frame: Uint8Array): void;
  /** The connection is to be closed once what was sent is out. */
  close(): void;
}

const CONTINUE: Verdict = { kind: "continue" };
const ACTION_NAMES = Object.keys(ACTIONS).filter(
  (name): name is MilterAction => name !== "setMacroLists",
);

/**
 * One connection of an MTA, translated: packets in, calls of the port and answers out. It owns no socket. Give it
 * one packet at a time, the next when the promise of the last, if there was one, has resolved.
 */
export class Session {
  readonly #answers: Answers;
  readonly #edits: EditWriter;
  readonly #outlet: Outlet;
  readonly #macros = new MacroStore();
  #conversation: Conversation | undefined;
  #hasSpoken = false;

  /** @param peer who the MTA is, for events. */
  constructor(options: SessionOptions, outlet: Outlet, peer: string) {
    this.#outlet = outlet;
    this.#answers = new Answers(settingsOf(options), peer, (frame) => {
      if (this.state !== "closed") outlet.send(frame);
    });
    this.#edits = new EditWriter(this.#answers);
  }

  get state(): SessionState {
    return this.#answers.state;
  }

  /** The most that is kept of what was said and is not judged yet. */
  get heldBytes(): number {
    return this.#macros.bytes + (this.#conversation?.heldBytes ?? 0);
  }

  /** Whether the MTA has told of a client, now or before: it speaks the protocol. */
  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }

  /** Takes the next packet, without its length field. Never throws on what it holds, never rejects. */
  take(packet: Uint8Array): void | Promise<void> {
    if (this.state === "closed") return;
    try {
      return this.#handle(decodeCommand(packet));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refuse(error, packet, packet[0] ?? null);
    }
  }

  /** The bytes are not even packets: reports it and closes the connection. */
  fail(error: ProtocolError, bytes: Uint8Array): void {
    this.#refuse(error, bytes, null);
  }

  #refuse(error: ProtocolError, bytes: Uint8Array, code: number | null): void {
    if (this.state === "closed") return;
    this.#answers.report({
      kind: "protocol-error",
      code,
      length: bytes.length,
      firstBytesHex: Buffer.from(bytes.subarray(0, 32)).toString("hex"),
      message: error.message,
    });
    this.end("aborted");
    this.#outlet.close();
  }

  /** The socket is gone (`lost`), or we close it (`aborted`). Pending work is abandoned. */
  end(why: "lost" | "aborted"): void {
    if (this.state !== "closed") this.#close(why);
  }

  #close(why: "quit" | "lost" | "aborted"): void {
    this.#leaveConversation(why);
    this.#answers.state = "closed";
    this.#answers.leave();
  }

  /** Where the session stands in the table of what may come. */
  get #place(): Place {
    if (this.state === "new") return "new";
    return this.#conversation?.place ?? "negotiated";
  }

  #handle(command: Command): void | Promise<void> {
    const { kind } = command;
    if (isStage(kind)) this.#macros.reached(kind);
    const reaction = reactionTo(this.#place, kind);
    switch (reaction) {
      case "take":
        return this.#take(command);
      case "out-of-order":
        return this.#answers.outOfOrder(kind);
      case "pass":
        return this.#answers.give(kind, CONTINUE);
      case "fail":
        return this.#answers.give(kind, this.#answers.failure());
      case "close":
        throw new ProtocolError(
          kind === "negotiate"
            ? "Cannot negotiate again: OPTNEG comes once"
            : `Cannot take ${kind} first: OPTNEG comes before it`,
        );
      default:
        return unreachable(reaction);
    }
  }

  #take(command: Command): void | Promise<void> {
    switch (command.kind) {
      case "negotiate":
        return this.#negotiate(command);
      case "macros":
        if (command.stage !== null) this.#macros.set(command.stage, command.macros);
        return;
      case "connect":
        return this.#connect(command);
      case "quit":
        this.#close("quit");
        return this.#outlet.close();
      case "quit-new-connection":
        this.#macros.clear();
        return this.#leaveConversation("quit");
      case "abort":
        this.#macros.endTransaction();
        return this.#conversation?.leaveMail();
      case "unknown":
        this.#conversation?.misspoke();
        return this.#answers.give("unknown", CONTINUE);
      default:
        return this.#conversation?.take(command, this.#macros);
    }
  }

  #negotiate(offer: Offer): void {
    this.#answers.negotiation = agree(offer, this.#answers);
    this.#answers.state = "negotiated";
    this.#answers.sendNegotiated();
  }

  /** A second CONNECT is a new SMTP connection, as one after QUIT_NC is. */
  #connect({ hostname, peer }: Extract<Command, { kind: "connect" }>): Promise<void> {
    this.#leaveConversation("quit");
    this.#answers.state = "connected";
    this.#hasSpoken = true;
    const conversation = new Conversation(this.#answers, this.#edits);
    this.#conversation = conversation;
    const { actions } = this.#answers.negotiation;
    return conversation.open(describeClient(peer, this.#macros), {
      hostname,
      granted: new Set(ACTION_NAMES.filter((name) => hasBit(actions, ACTIONS[name]))),
      macro: (name) => this.#macros.get(name.replace(/^\{(.*)\}$/, "$1")),
      progress: () => this.#answers.progress(),
    });
  }

  #leaveConversation(why: "quit" | "lost" | "aborted"): void {
    const conversation = this.#conversation;
    this.#conversation = undefined;
    conversation?.close(why);
    if (this.state !== "new") this.#answers.state = "negotiated";
  }
}
