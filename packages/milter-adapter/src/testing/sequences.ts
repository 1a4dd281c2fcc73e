import { Random } from "@postern/smtp-filter/testing";
import type { SessionOptions } from "../options.ts";
import { offer } from "./rig.ts";

/** What one MTA does on one connection, well or badly. */
export interface Sequence {
  /** Makes the port's behaviour, too. */
  readonly seed: number;
  readonly options: Pick<Required<SessionOptions>, "onFailure" | "onMissingActions" | "maxHeaders">;
  readonly steps: readonly Step[];
}

export interface Step {
  /** Without its length field, one byte a character. */
  readonly packet: string;
  /** The MTA closes the socket while this packet is worked on. */
  readonly leaves: boolean;
  /** How long it thinks after the answer. */
  readonly thinkMs: number;
}

const OFFERS = [
  offer(6, 0x1ff, 0x1fffff),
  offer(6, 0x1ff, 0x1fffff),
  offer(6, 0x1ff, 0x1ffbff),
  offer(6, 0x1ff, 0x100c3f),
  offer(6, 0xff, 0x42),
  offer(6, 0x21, 0),
  offer(4, 0x1ff, 0x37f),
  offer(3, 0x1ff, 0x17f),
  offer(2, 0x3f, 0x7f),
  offer(99, 0x1ff, 0x301fffff),
] as const;
const CONNECTS = [
  "Cmx\x004\xaf\x7e192.0.2.1\0",
  "C[::1]\x006\x96\xe2::1\0",
  "Clocalhost\x006\xaa\xc6IPv6:0:0:0:0:0:0:0:1\0",
  "Cmx\x004\0\x19999.1.1.1\0",
  "Cmx\0U",
  "Cmx\0L\0\0/run/x\0",
] as const;
const HELOS = ["Hmx.example\0", "H\0", "H", "Hno end", "Ha\r\n\xff b\0"] as const;
const MAILS = ["M<a@x.test>\0", "M<a@x.test>\0SIZE=1\0B", "M<>\0", "M\0", "Ma b\xff\0"] as const;
const RCPTS = ["R<b@y.test>\0", "R<b@y.test>\0NOTIFY=NEVER\0", "R\0", "R<<>>\0"] as const;
const HEADERS = ["LSubject\0 x\0", "LX\0a\n b\0", "LX", "L", "L\0\0", "LX\0y\0z\0"] as const;
const BODIES = ["Babc\r\n", "B", `B${"x".repeat(300)}`] as const;
const ENDS = ["E", "E", "E", "Elast"] as const;
const UNKNOWNS = ["UFOO bar\0", "U"] as const;
const MACRO_SETS = [
  "",
  "v\0Postfix 3.7.11\0",
  "v\x008.17.1.9\0{if_name}\0lo\0",
  "{tls_version}\0TLSv1.3\0",
  "{auth_authen}\0user\xff\0",
  "{rcpt_mailer}\0error\0{rcpt_host}\x005.1.1\0",
  "{rcpt_mailer}\0smtp\0i\0Q1\0",
  "odd",
  "a\0b\0c",
] as const;
const THINKING = [0, 0, 0, 0, 0, 3000, 12_000, 70_000] as const;

/** The sequence that belongs to a number. */
export function sequenceOf(seed: number): Sequence {
  const random = new Random(seed);
  const packets = new Walk(random).packets;
  const leavesAt = random.chance(0.15) ? random.below(packets.length) : -1;
  return {
    seed,
    options: {
      onFailure: random.pick(["accept", "tempfail"]),
      onMissingActions: random.pick(["degrade", "degrade", "degrade", "close"]),
      maxHeaders: random.pick([2000, 2]),
    },
    steps: packets.map((packet, i) => ({
      packet,
      leaves: i === leavesAt,
      thinkMs: random.pick(THINKING),
    })),
  };
}

/** The packets of a sequence, one for a line, for a report. */
export function printSequence({ seed, options, steps }: Sequence): string {
  const lines = steps.map(
    ({ packet, leaves, thinkMs }) =>
      `  ${JSON.stringify(packet)}${leaves ? " and leaves" : ""}${thinkMs > 0 ? ` then ${thinkMs} ms` : ""}`,
  );
  return [`sequence ${seed} ${JSON.stringify(options)}`, ...lines].join("\n");
}

/** Walks through the grammar of a session, and strays as often as this session does. */
class Walk {
  readonly packets: string[] = [];
  readonly #random: Random;
  readonly #noise: number;

  constructor(random: Random) {
    this.#random = random;
    this.#noise = random.pick([0, 0.02, 0.1, 0.4]);
    this.#say(random.chance(0.8) ? random.pick(OFFERS) : this.#anyOffer(), "O");
    const connections = random.chance(0.2) ? 2 : 1;
    for (let i = 0; i < connections; i += 1) {
      this.#connection();
      if (i + 1 < connections) this.#say(random.chance(0.7) ? "K" : "A");
    }
    if (random.chance(0.3)) this.#say("A");
    if (random.chance(0.6)) this.#say("Q");
    if (random.chance(0.1)) this.#say(random.pick(MAILS));
  }

  #connection(): void {
    const random = this.#random;
    this.#macros("C");
    this.#say(random.pick(CONNECTS), "C");
    for (let n = random.below(3); n > 0; n -= 1) {
      this.#macros("H");
      this.#say(random.pick(HELOS));
    }
    for (let n = random.below(4); n > 0; n -= 1) this.#transaction();
  }

  #transaction(): void {
    const random = this.#random;
    this.#macros("M");
    this.#say(random.pick(MAILS));
    for (let n = random.chance(0.9) ? 1 + random.below(3) : 0; n > 0; n -= 1) {
      this.#macros("R");
      this.#say(random.pick(RCPTS));
    }
    if (random.chance(0.05)) {
      this.#say("A");
      return;
    }
    if (random.chance(0.8)) this.#say("T");
    for (let n = random.below(4); n > 0; n -= 1) this.#say(random.pick(HEADERS), "L");
    if (random.chance(0.9)) this.#say("N");
    for (let n = random.below(3); n > 0; n -= 1) this.#say(random.pick(BODIES), "B");
    if (random.chance(0.9)) this.#say(random.pick(ENDS));
    if (random.chance(0.4)) this.#say("A");
  }

  #macros(letter: string): void {
    if (this.#random.chance(0.5)) this.#say(`D${letter}${this.#random.pick(MACRO_SETS)}`);
  }

  /** The packet, or what is said in its place or before it. */
  #say(packet: string, macroLetter?: string): void {
    const random = this.#random;
    if (random.chance(this.#noise)) {
      if (random.chance(0.3)) {
        this.packets.push(this.#stray());
        return;
      }
      this.packets.push(this.#stray());
    }
    if (macroLetter !== undefined && random.chance(0.1)) this.packets.push(`D${macroLetter}`);
    this.packets.push(packet);
    if (random.chance(this.#noise / 4)) this.packets.push(packet);
  }

  #stray(): string {
    const random = this.#random;
    const any = random.pick([
      random.pick(CONNECTS),
      random.pick(HELOS),
      random.pick(HELOS),
      random.pick(MAILS),
      random.pick(RCPTS),
      "T",
      random.pick(HEADERS),
      "N",
      random.pick(BODIES),
      random.pick(ENDS),
      random.pick(UNKNOWNS),
      "A",
      "K",
      `D${random.pick([..."CHMRTLNBEUZO"] as [string, ...string[]])}${random.pick(MACRO_SETS)}`,
    ]);
    if (random.chance(0.06)) return any.slice(0, random.below(any.length));
    if (random.chance(0.02)) return `${any}\0`;
    if (random.chance(0.02)) return random.pick(["Q", "Z", "", "D", random.pick(OFFERS), "O\0\0"]);
    return any;
  }

  #anyOffer(): string {
    const word = () => this.#random.below(0x100000000);
    return offer(this.#random.below(8), word(), word());
  }
}
