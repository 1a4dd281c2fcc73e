import { scheduler } from "node:timers/promises";
import {
  type FakeClock,
  fakeClock,
  type PortScript,
  scriptedPort,
} from "@postern/smtp-filter/testing";
import type { SessionEvent } from "../events.ts";
import type { SessionOptions } from "../options.ts";
import { Session } from "../translate.ts";
import { Framer } from "../wire/framing.ts";
import { ProtocolError } from "../wire/protocol-error.ts";

/** A packet, without its length field: text is one byte a character. */
export type Packet = string | Uint8Array;

/** An OPTNEG packet. */
export function offer(version: number, actions: number, protocol: number): string {
  const words = Buffer.alloc(12);
  for (const [i, word] of [version, actions, protocol].entries()) words.writeUInt32BE(word, 4 * i);
  return `O${words.toString("latin1")}`;
}

/** What Postfix and sendmail offer: header fields go unanswered then, and a body can be skipped. */
export const FULL_OFFER: string = offer(6, 0x1ff, 0x1fffff);
/** The same without SKIP: the body goes unanswered, too. */
export const WITHOUT_SKIP: string = offer(6, 0x1ff, 0x1ffbff);
/** Leading space, SKIP, refused recipients, and no NR_* bit: every command is answered. */
export const ALL_ANSWERED: string = offer(6, 0x1ff, 0x100c3f);
export const CONNECT = "Cmail.example.com\x004\xaf\x7e192.0.2.1\0";
export const HELO = "Hmail.example.com\0";
export const MAIL = "M<a@x.test>\0";
export const RCPT = "R<b@y.test>\0";
/** From MAIL to the end of the headers. */
export const MESSAGE: readonly string[] = [MAIL, RCPT, "T", "LSubject\0 x\0", "N"];

/** A session without a socket, on a scripted port and a clock that stands still. */
export class Rig {
  readonly session: Session;
  readonly clock: FakeClock = fakeClock();
  /** What was sent, without length fields, one byte a character. */
  readonly sent: string[] = [];
  readonly events: SessionEvent[] = [];
  /** What the port was told. */
  readonly calls: string[] = [];
  /** How often the connection was to be closed. */
  closes = 0;
  readonly #framer = new Framer();

  constructor(script: PortScript = {}, options: Partial<SessionOptions> = {}) {
    this.session = new Session(
      {
        ...options,
        open:
          options.open ??
          scriptedPort(this.calls, { describeBody: ({ length }) => length, ...script }),
        onEvent: (event) => this.events.push(event),
        clock: this.clock,
      },
      {
        send: (frame) => this.sent.push(Buffer.from(frame.subarray(4)).toString("latin1")),
        close: () => {
          this.closes += 1;
        },
      },
      "test",
    );
  }

  /** A session after its OPTNEG, CONNECT and HELO. */
  static async greeted(
    script: PortScript = {},
    options: Partial<SessionOptions> = {},
    offered: string = ALL_ANSWERED,
  ): Promise<Rig> {
    const rig = new Rig(script, options);
    await rig.take(offered, CONNECT, HELO);
    rig.calls.length = 0;
    return rig;
  }

  /** Gives the session packets, one after the other; the letters of what it sent meanwhile. */
  async take(...packets: readonly Packet[]): Promise<string> {
    const from = this.sent.length;
    for (const packet of packets) await this.start(packet);
    return this.lettersFrom(from);
  }

  /** Gives it one packet without waiting for the end of it. */
  start(packet: Packet): void | Promise<void> {
    return this.session.take(
      typeof packet === "string" ? new Uint8Array(Buffer.from(packet, "latin1")) : packet,
    );
  }

  /** Bytes of the stream, length fields and all; the letters of what was sent meanwhile. */
  async feed(stream: Uint8Array): Promise<string> {
    const from = this.sent.length;
    const packets: Uint8Array[] = [];
    let broken: ProtocolError | undefined;
    try {
      this.#framer.push(stream, (packet) => packets.push(packet));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      broken = error;
    }
    for (const packet of packets) await this.session.take(packet);
    if (broken !== undefined) this.session.fail(broken, stream);
    return this.lettersFrom(from);
  }

  /** Lets everything run that waits for nothing. */
  settle(): Promise<void> {
    return scheduler.yield();
  }

  lettersFrom(from: number): string {
    return this.sent
      .slice(from)
      .map((packet) => packet[0])
      .join("");
  }

  /** Events of one kind. */
  seen<Kind extends SessionEvent["kind"]>(kind: Kind): Extract<SessionEvent, { kind: Kind }>[] {
    return this.events.filter(
      (event): event is Extract<SessionEvent, { kind: Kind }> => event.kind === kind,
    );
  }

  get isClosed(): boolean {
    return this.session.state === "closed" && this.closes === 1;
  }
}
