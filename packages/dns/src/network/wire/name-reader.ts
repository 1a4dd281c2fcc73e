/** A packet that is not as RFC 1035 has it. */
export class MalformedPacket extends SyntaxError {}

/** A name, and where what follows it begins. */
interface ReadName {
  /** Without final dot, any byte in it; the root is empty. Bytes that would be misread are escaped as in a zone file. */
  readonly name: string;
  readonly end: number;
}

const MAX_NAME_BYTES = 255;
const MAX_LABEL_BYTES = 63;
const POINTER = 0xc0;
/** A name has at most 127 labels, and a pointer is for at least one. */
const MAX_JUMPS = 127;

/** Letters that mean something in a zone file (RFC 1035 section 5.1). */
const ESCAPED = /["$().;@\\]/g;
const UNPRINTABLE = /[^\x20-\x7e]/g;

/** Reads the names of one packet; what pointers lead to is read once, so that the work stays that of its bytes. */
export class NameReader {
  readonly #packet: Buffer;
  readonly #known = new Map<number, { readonly name: string; readonly bytes: number }>();

  constructor(packet: Buffer) {
    this.#packet = packet;
  }

  /** @throws {MalformedPacket} if there is no name (RFC 1035 section 4.1.4). */
  read(from: number): ReadName {
    return this.#read(from, 0);
  }

  #read(from: number, jumps: number): ReadName {
    const packet = this.#packet;
    const labels: string[] = [];
    let bytes = 1;
    let at = from;
    for (;;) {
      const length = packet[at];
      if (length === undefined)
        throw new MalformedPacket("Cannot read name: the packet ends in it");
      if (length === 0) return this.#keep(from, labels.join("."), bytes, at + 1);
      if (length >= POINTER) {
        const low = packet[at + 1];
        if (low === undefined) throw new MalformedPacket("Cannot read name: the packet ends in it");
        const rest = this.#at(((length - POINTER) << 8) | low, from, jumps + 1);
        const all = rest.name === "" ? labels : [...labels, rest.name];
        return this.#keep(from, all.join("."), bytes + rest.bytes - 1, at + 2);
      }
      if (length > MAX_LABEL_BYTES) throw new MalformedPacket("Cannot read name: a label too long");
      if (at + 1 + length > packet.length)
        throw new MalformedPacket("Cannot read name: the packet ends in it");
      labels.push(written(packet.toString("latin1", at + 1, at + 1 + length)));
      bytes += 1 + length;
      if (bytes > MAX_NAME_BYTES) throw new MalformedPacket("Cannot read name: too long");
      at += 1 + length;
    }
  }

  /** A pointer is to what stands before it, so that none goes in a circle. */
  #at(
    target: number,
    from: number,
    jumps: number,
  ): { readonly name: string; readonly bytes: number } {
    if (target >= from) throw new MalformedPacket("Cannot read name: a pointer that leads forward");
    if (jumps > MAX_JUMPS) throw new MalformedPacket("Cannot read name: too many pointers");
    const known = this.#known.get(target);
    if (known !== undefined) return known;
    this.#read(target, jumps);
    const read = this.#known.get(target);
    if (read === undefined) throw new RangeError("a name that was read is not known");
    return read;
  }

  #keep(from: number, name: string, bytes: number, end: number): ReadName {
    if (bytes > MAX_NAME_BYTES) throw new MalformedPacket("Cannot read name: too long");
    this.#known.set(from, { name, bytes });
    return { name, end };
  }
}

function written(label: string): string {
  return label
    .replace(ESCAPED, "\\$&")
    .replace(UNPRINTABLE, (byte) => `\\${String(byte.charCodeAt(0)).padStart(3, "0")}`);
}
