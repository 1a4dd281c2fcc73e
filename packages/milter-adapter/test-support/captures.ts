import { readdirSync, readFileSync } from "node:fs";
import { Framer } from "../src/wire/framing.ts";

const folder = new URL("./captures/", import.meta.url);

/** The recorded streams of one direction, by the name of their case. */
export function captures(direction: "mta-to-filter" | "filter-to-mta"): Map<string, Uint8Array> {
  const ending = `.${direction}.bin`;
  return new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .toSorted()
      .map((name) => [name.slice(0, -ending.length), readFileSync(new URL(name, folder))]),
  );
}

/** The packets of a stream, without their length fields. */
export function packetsOf(stream: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = [];
  new Framer().push(stream, (packet) => packets.push(packet));
  return packets;
}

/** Bytes from hexadecimal digits; blanks and `#` comments are left out. */
export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(/#.*|\s/g, ""), "hex"));
}

/** A frame around a payload of letter and text, length field included. */
export function framed(letter: string, payload: string | Uint8Array = ""): Uint8Array {
  const body = Buffer.concat([
    Buffer.from(letter, "latin1"),
    typeof payload === "string" ? Buffer.from(payload, "latin1") : payload,
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return new Uint8Array(Buffer.concat([length, body]));
}
