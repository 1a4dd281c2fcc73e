import type { Command, Macro, Peer } from "../wire/command.ts";
import { decodeResponse } from "../wire/decode-response.ts";
import { encodeCommand } from "../wire/encode-command.ts";
import { hasBit, isUnanswered, type Negotiation, PROTOCOL } from "../wire/negotiate.ts";
import { ProtocolError } from "../wire/protocol-error.ts";
import type { Modification, Response, Verdict } from "../wire/response.ts";
import type { Stage } from "../wire/stage.ts";
import { chunksOf, mayBeSent } from "./mta-behavior.ts";

/** What a filter did with a message. */
export interface MessageOutcome {
  readonly modifications: readonly Modification[];
  readonly verdict: Verdict;
}

/** What this MTA offers, and what it knows. */
export interface MtaOptions {
  /** Default 6. */
  readonly version?: number;
  /** Default 0x1FF: all. */
  readonly actions?: number;
  /** Default 0x1FFFFF: all. */
  readonly protocol?: number;
  /** What is told before the command of each stage. */
  readonly macros?: Readonly<Partial<Record<Stage, readonly Macro[]>>>;
}

type Waiting = (response: Verdict | Error) => void;

const CONTINUE: Verdict = { kind: "continue" };

/**
 * The MTA's half of a milter session, as Postfix plays it: macros before each command, no event the filter asked to be
 * spared, no wait for an answer it will not give. It owns no socket: `send` takes frames, {@link receive} the filter's
 * packets. Every command resolves with the verdict on it (`continue` where none is given), or rejects when the filter
 * breaks the protocol or leaves.
 */
export class MilterClient {
  readonly #send: (frame: Uint8Array) => void;
  readonly #hangUp: (why: Error) => void;
  readonly #macros: Map<Stage, readonly Macro[]>;
  readonly #offer: Required<Omit<MtaOptions, "macros">>;
  #negotiation: Negotiation = { version: 0, actions: 0, protocol: 0, macroLists: [] };
  #waiting: Waiting | undefined;
  #asked: Command["kind"] = "negotiate";
  #modifications: Modification[] = [];
  #skipped: Command["kind"] | undefined;
  #failure: Error | undefined;
  #progress = 0;

  /** @param hangUp called once if the filter breaks the protocol. */
  constructor(
    options: MtaOptions,
    send: (frame: Uint8Array) => void,
    hangUp: (why: Error) => void = () => {},
  ) {
    const { version = 6, actions = 0x1ff, protocol = 0x1fffff, macros = {} } = options;
    this.#offer = { version, actions, protocol };
    this.#macros = new Map(Object.entries(macros) as [Stage, readonly Macro[]][]);
    this.#send = send;
    this.#hangUp = hangUp;
  }

  /** What was agreed on; the macros the filter asked for are in it. */
  get negotiation(): Negotiation {
    return this.#negotiation;
  }

  /** Whether an answer is due. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** How many PROGRESS packets the filter sent. */
  get progressCount(): number {
    return this.#progress;
  }

  /** Takes a packet of the filter, without its length field. */
  receive(packet: Uint8Array): void {
    try {
      this.#take(decodeResponse(packet));
    } catch (error) {
      const why = error instanceof Error ? error : new Error(String(error));
      this.fail(why);
      this.#hangUp(why);
    }
  }

  /** The filter is gone, or its packets are to be ignored. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#settle(this.#failure);
  }

  async negotiate(): Promise<Negotiation> {
    await this.#ask({ kind: "negotiate", ...this.#offer });
    return this.#negotiation;
  }

  /** The macros told before the command of `stage` from now on. */
  macros(stage: Stage, macros: readonly Macro[]): void {
    this.#macros.set(stage, macros);
  }

  connect(hostname: string, peer: Peer): Promise<Verdict> {
    return this.#command("connect", { kind: "connect", hostname, peer });
  }

  helo(name: string): Promise<Verdict> {
    return this.#command("helo", { kind: "helo", name });
  }

  /** @param from with its angle brackets, as the client wrote it. */
  mail(from: string, parameters: readonly string[] = []): Promise<Verdict> {
    return this.#command("mail", { kind: "mail", from, parameters });
  }

  rcpt(to: string, parameters: readonly string[] = []): Promise<Verdict> {
    return this.#command("rcpt", { kind: "rcpt", to, parameters });
  }

  data(): Promise<Verdict> {
    return this.#command("data", { kind: "data" });
  }

  /** One field; `value` is what follows the colon. Its leading blank goes unless the filter wants it. */
  header(name: string, value: string): Promise<Verdict> {
    const isKept = hasBit(this.#negotiation.protocol, PROTOCOL.leadingSpace);
    return this.#command("header", {
      kind: "header",
      name: Buffer.from(name, "latin1"),
      value: Buffer.from(isKept ? value : value.replace(/^ /, ""), "latin1"),
    });
  }

  endOfHeaders(): Promise<Verdict> {
    return this.#command("end-of-headers", { kind: "end-of-headers" });
  }

  /** Any number of bytes: they go in chunks of 65,535, until the filter skips or refuses the rest. */
  async body(bytes: Uint8Array): Promise<Verdict> {
    for (const chunk of chunksOf(bytes)) {
      const verdict = await this.#command("body", { kind: "body", chunk });
      if (verdict.kind !== "continue") return verdict;
    }
    return CONTINUE;
  }

  async endOfMessage(): Promise<MessageOutcome> {
    this.#modifications = [];
    const command: Command = { kind: "end-of-message", chunk: new Uint8Array() };
    const verdict = await this.#command("end-of-message", command);
    return { modifications: this.#modifications, verdict };
  }

  unknown(line: string): Promise<Verdict> {
    return this.#command("unknown", { kind: "unknown", line });
  }

  /** Never answered. */
  abort(): void {
    this.#skipped = undefined;
    this.#send(encodeCommand({ kind: "abort" }));
  }

  /** Never answered; the filter closes. */
  quit(): void {
    this.#send(encodeCommand({ kind: "quit" }));
  }

  /** Never answered; the next command is {@link connect}. */
  quitForNewConnection(): void {
    this.#send(encodeCommand({ kind: "quit-new-connection" }));
  }

  async #command(stage: Stage, command: Command): Promise<Verdict> {
    if (this.#skipped === stage) return { kind: "skip" };
    this.#skipped = undefined;
    this.#send(encodeCommand({ kind: "macros", stage, macros: this.#macros.get(stage) ?? [] }));
    if (!mayBeSent(command.kind, this.#negotiation)) return CONTINUE;
    if (isUnanswered(stage, this.#negotiation)) {
      if (this.#failure !== undefined) throw this.#failure;
      this.#send(encodeCommand(command));
      return CONTINUE;
    }
    const verdict = await this.#ask(command);
    if (verdict.kind === "skip") this.#skipped = stage;
    return verdict;
  }

  #ask(command: Command): Promise<Verdict> {
    if (this.#waiting !== undefined)
      throw new TypeError(`Cannot send ${command.kind}: the answer to another is awaited`);
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#asked = command.kind;
      this.#waiting = (response) =>
        response instanceof Error ? reject(response) : resolve(response);
      this.#send(encodeCommand(command));
    });
  }

  /** @throws {ProtocolError} for what Postfix would hang up on. */
  #take(response: Response): void {
    if (this.#waiting === undefined)
      throw new ProtocolError(`Cannot take ${response.kind}: no answer is awaited`);
    if (response.kind === "progress") {
      this.#progress += 1;
    } else if (response.kind === "negotiate" && this.#asked === "negotiate") {
      this.#negotiation = this.#checked(response);
      this.#settle(CONTINUE);
    } else if (isVerdict(response) && this.#asked !== "negotiate") {
      const isAgreed = hasBit(this.#negotiation.protocol, PROTOCOL.skip);
      if (response.kind === "connection-failed" || (response.kind === "skip" && !isAgreed))
        throw new ProtocolError(`Cannot take ${response.kind}: it was not agreed on`);
      this.#settle(response);
    } else if (isModification(response) && this.#asked === "end-of-message") {
      this.#modifications.push(response);
    } else {
      throw new ProtocolError(`Cannot take ${response.kind} as the answer to ${this.#asked}`);
    }
  }

  /** A filter may choose from what was offered, and no more. */
  #checked(answer: Negotiation): Negotiation {
    const { version, actions, protocol } = this.#offer;
    if (answer.version < 2 || answer.version > version)
      throw new ProtocolError(`Cannot agree on version ${answer.version}: offered was ${version}`);
    const extra = (answer.actions & ~actions) | (answer.protocol & ~protocol);
    if (extra !== 0)
      throw new ProtocolError(
        `Cannot agree: bits 0x${(extra >>> 0).toString(16)} were not offered`,
      );
    return answer;
  }

  #settle(response: Verdict | Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(response);
  }
}

const VERDICTS: ReadonlySet<Response["kind"]> = new Set([
  "continue",
  "accept",
  "reject",
  "tempfail",
  "discard",
  "skip",
  "reply",
  "shutdown",
  "connection-failed",
] as const);

function isVerdict(response: Response): response is Verdict {
  return VERDICTS.has(response.kind);
}

function isModification(response: Response): response is Modification {
  return !isVerdict(response) && response.kind !== "progress" && response.kind !== "negotiate";
}
