import assert from "node:assert/strict";
import type { Sink, SinkMessage } from "../mta/sink.ts";
import { converse, type Exchange, formatTranscript } from "../mta/smtp-client.ts";
import type { Step } from "../mta/smtp-steps.ts";
import { mail } from "./rows/base.ts";

/** Where a client stands when the filter fails: before it connects, before a command, or while its message goes out. */
export type Phase = "connect" | "mail" | "rcpt" | "data" | "message";

/** What became of one client: its message, and the first reply that let it not go on. */
export interface Outcome {
  readonly id: string;
  /** What was refused: `greeting`, `MAIL`, `message`; null: all was accepted. */
  readonly at: string | null;
  /** The line that refused; null: there was none, Sendmail hung up. */
  readonly line: string | null;
  readonly said: string;
}

/** Honest clients of a Sendmail, each with a message of its own, and an account of what they were promised. */
export class Clients {
  readonly #sink: Sink;
  readonly #accepted = new Map<string, Buffer>();
  #serial = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** @param strike what happens at `phase`; the client goes on when it has. */
  async send(port: number, phase: Phase, strike: () => Promise<void>): Promise<Outcome> {
    const own = this.#message();
    if (phase === "connect") await strike();
    const transcript = await converse({
      host: "127.0.0.1",
      port,
      localAddress: "192.0.2.1",
      steps: stepsOf(own.bytes, phase, { kind: "meanwhile", action: strike }),
    });
    return this.#outcome(own, transcript);
  }

  /** Two messages in one session, with `strike` between them: what became of the second. */
  async sendTwice(port: number, strike: () => Promise<void>): Promise<readonly Outcome[]> {
    const [first, second] = [this.#message(), this.#message()];
    const steps = stepsOf(first.bytes, "connect", { kind: "noop" });
    const more = stepsOf(second.bytes, "mail", { kind: "meanwhile", action: strike });
    const transcript = await converse({
      host: "127.0.0.1",
      port,
      localAddress: "192.0.2.1",
      steps: [...steps.slice(0, -1), ...more.slice(2)],
    });
    const cut = transcript.findIndex(({ sent }) => nameOf(sent) === "message") + 1;
    return [
      this.#outcome(first, transcript.slice(0, cut)),
      this.#outcome(second, transcript.slice(cut)),
    ];
  }

  /** The message as the next hop got it. */
  async delivered(id: string): Promise<SinkMessage> {
    const [found] = await this.#sink.waitFor(({ bytes }) => bytes.includes(id));
    assert.ok(found);
    return found;
  }

  /** What was accepted came once, unchanged behind the fields that servers add; what was refused did not come. */
  async settle(): Promise<void> {
    for (const id of this.#accepted.keys()) await this.delivered(id);
    for (let serial = 1; serial <= this.#serial; serial += 1) {
      const id = idOf(serial);
      const came = this.#sink.messages.filter(({ bytes }) => bytes.includes(id));
      const sent = this.#accepted.get(id);
      assert.equal(came.length, sent === undefined ? 0 : 1, id);
      for (const { bytes, recipients } of came) {
        assert.deepEqual(recipients, ["b@example.org"]);
        assert.ok(sent !== undefined && bytes.subarray(-sent.length).equals(sent), id);
      }
    }
  }

  #message(): { readonly id: string; readonly bytes: Buffer } {
    this.#serial += 1;
    const id = idOf(this.#serial);
    const text = mail([`Message-ID: ${id}`], ".hidden\n..\nGr\u00fc\u00dfe\n");
    return { id, bytes: Buffer.from(text.replaceAll("\n", "\r\n")) };
  }

  #outcome(
    { id, bytes }: { readonly id: string; readonly bytes: Buffer },
    transcript: readonly Exchange[],
  ): Outcome {
    const said = formatTranscript(transcript);
    const last = transcript.findLast(({ sent }) => nameOf(sent) === "message")?.reply;
    if (last?.code === 250) this.#accepted.set(id, bytes);
    const refused = transcript.find(
      ({ reply, end }) => end !== undefined || (reply?.code ?? 0) >= 400,
    );
    const line = refused?.reply?.lines.join("\n") ?? null;
    return { id, at: refused === undefined ? null : nameOf(refused.sent), line, said };
  }
}

const idOf = (serial: number): string => `<sent-${serial}@example.com>`;

/** A whole session with one message and `pause` at its place; dots are stuffed where the message goes in two parts. */
function stepsOf(bytes: Buffer, phase: Phase, pause: Step): readonly Step[] {
  const at = (place: Phase): readonly Step[] => (place === phase ? [pause] : []);
  const half = bytes.indexOf("\r\n\r\n") - 10;
  const rest = bytes.toString("latin1", half).replaceAll("\r\n.", "\r\n..");
  const inParts: readonly Step[] = [
    { kind: "raw", bytes: "DATA\r\n" },
    { kind: "raw", bytes: bytes.subarray(0, half), replies: 0 },
    pause,
    { kind: "raw", bytes: Buffer.from(`${rest}.\r\n`, "latin1") },
  ];
  return [
    { kind: "banner" },
    { kind: "ehlo", name: "mail.example.com" },
    ...at("mail"),
    { kind: "mail", from: "a@example.com" },
    ...at("rcpt"),
    { kind: "rcpt", to: "b@example.org" },
    ...at("data"),
    ...(phase === "message" ? inParts : [{ kind: "data", message: bytes } as const]),
    { kind: "quit" },
  ];
}

function nameOf(sent: string): string {
  if (sent === "") return "greeting";
  if (sent.startsWith("(message") || sent.endsWith('\\r\\n.\\r\\n"')) return "message";
  return /^"?(\w+)/.exec(sent)?.[1] ?? sent;
}
