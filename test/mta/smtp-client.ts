import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Reply, type ReplyEnd, ReplyReader } from "./smtp-replies.ts";
import { type LineStep, lineOf, type Step, stuffed } from "./smtp-steps.ts";

/** A scripted SMTP conversation. */
export interface Conversation {
  readonly host: string;
  readonly port: number;
  /** The client's source address, such as 192.0.2.1 inside the test's namespace. */
  readonly localAddress?: string;
  readonly steps: readonly Step[];
  /** Longest wait for the connection and for each reply. Default: 30 s. */
  readonly timeoutMs?: number;
}

/** One step as it went; `data` makes two of them when its 354 came. */
export interface Exchange {
  /** What was sent, without CRLF; "" for the greeting, a description for a message. */
  readonly sent: string;
  /** Undefined when none was awaited or none came. */
  readonly reply: Reply | undefined;
  /** Why an awaited reply did not come; no step is played after it. */
  readonly end?: ReplyEnd | "closed";
  /** From the start of the conversation to the reply (or its absence). */
  readonly atMs: number;
  /** From sending to the reply. */
  readonly tookMs: number;
}

/** What was said, in order. */
export type Transcript = readonly Exchange[];

/**
 * Plays an SMTP client. Never rejects because of the server: refusals, lost connections and silence
 * are in the transcript, whose last exchange then has an `end`.
 */
export async function converse(conversation: Conversation): Promise<Transcript> {
  const { host, port, localAddress } = conversation;
  const socket = connect({ host, port, ...(localAddress !== undefined && { localAddress }) });
  socket.setNoDelay(true);
  const player = new Player(socket, conversation.timeoutMs ?? 30_000);
  try {
    for (const step of conversation.steps) {
      if (!(await player.play(step))) break;
    }
  } finally {
    socket.destroy();
  }
  return player.exchanges;
}

/** The reply to the `nth` (from 1) exchange whose sent text starts with `prefix`, such as "RCPT". */
export function replyTo(transcript: Transcript, prefix: string, nth = 1): Reply | undefined {
  return transcript.filter(({ sent }) => sent.startsWith(prefix))[nth - 1]?.reply;
}

/** The transcript as text, for the message of a failed assertion. */
export function formatTranscript(transcript: Transcript): string {
  return transcript
    .map(({ sent, reply, end, atMs }) => {
      const lines = [...(reply?.lines ?? []), ...(end ? [`(${end})`] : [])];
      return [`C: ${sent}`, ...lines.map((line) => `${Math.round(atMs)} ms S: ${line}`)].join("\n");
    })
    .join("\n");
}

class Player {
  readonly exchanges: Exchange[] = [];
  readonly #socket: Socket;
  readonly #replies: ReplyReader;
  readonly #timeoutMs: number;
  readonly #start = performance.now();

  constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#replies = new ReplyReader(socket);
    this.#timeoutMs = timeoutMs;
  }

  /** False when nothing more can be played. */
  async play(step: Step): Promise<boolean> {
    switch (step.kind) {
      case "banner":
        return (await this.#expect("", performance.now())) !== undefined;
      case "data":
        return this.#pipeline([step]);
      case "pipeline":
        return this.#pipeline(step.steps);
      case "raw":
        return this.#raw(Buffer.from(step.bytes), step.replies ?? 1);
      case "pause":
        await sleep(step.ms);
        return true;
      case "meanwhile":
        await step.action();
        return true;
      case "close":
        if (step.how === "end") this.#socket.end();
        else this.#socket.resetAndDestroy();
        this.#note({ sent: "(close)", reply: undefined, end: "closed" }, performance.now());
        return false;
      default:
        return this.#pipeline([step]);
    }
  }

  async #pipeline(steps: readonly (LineStep | Extract<Step, { kind: "data" }>)[]) {
    const lines = steps.map((step) => (step.kind === "data" ? "DATA" : lineOf(step)));
    const sentAt = performance.now();
    this.#socket.write(lines.map((line) => `${line}\r\n`).join(""));
    let reply: Reply | undefined;
    for (const line of lines) {
      reply = await this.#expect(line, sentAt);
      if (reply === undefined) return false;
    }
    const last = steps.at(-1);
    if (last?.kind !== "data" || reply?.code !== 354) return true;
    const bytes = last.framing === "asIs" ? Buffer.from(last.message) : stuffed(last.message);
    const messageAt = performance.now();
    this.#socket.write(bytes);
    return (await this.#expect(`(message of ${bytes.length} bytes)`, messageAt)) !== undefined;
  }

  async #raw(bytes: Buffer, replies: number): Promise<boolean> {
    const sent = JSON.stringify(bytes.subarray(0, 200).toString("latin1"));
    const sentAt = performance.now();
    this.#socket.write(bytes);
    if (replies === 0) this.#note({ sent, reply: undefined }, sentAt);
    for (let count = 0; count < replies; count++) {
      if ((await this.#expect(sent, sentAt)) === undefined) return false;
    }
    return true;
  }

  async #expect(sent: string, sentAt: number): Promise<Reply | undefined> {
    const reply = await this.#replies.next(this.#timeoutMs);
    if (typeof reply === "string") {
      this.#note({ sent, reply: undefined, end: reply }, sentAt);
      return undefined;
    }
    this.#note({ sent, reply }, sentAt);
    return reply;
  }

  #note(exchange: Pick<Exchange, "sent" | "reply" | "end">, sentAt: number): void {
    const now = performance.now();
    this.exchanges.push({ ...exchange, atMs: now - this.#start, tookMs: now - sentAt });
  }
}
