import { connect, type Socket } from "node:net";
import type { ListenAddress } from "@postern/smtp-filter/serve";
import { Framer } from "../wire/framing.ts";
import type { Packet } from "./rig.ts";

/** A socket to a filter that sends whatever it is told to. */
export class RawMta implements Disposable {
  readonly socket: Socket;
  /** Resolves when the filter has closed. */
  readonly closed: Promise<void>;
  readonly #packets: string[] = [];
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    const framer = new Framer();
    socket.on("data", (chunk) => {
      framer.push(chunk, (packet) => this.#packets.push(Buffer.from(packet).toString("latin1")));
      this.#wake();
    });
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  static open(address: ListenAddress): Promise<RawMta> {
    const socket =
      address.kind === "unix" ? connect(address.path) : connect(address.port, address.host);
    const mta = new RawMta(socket);
    return new Promise((resolve, reject) => {
      socket.once("connect", () => resolve(mta));
      socket.once("error", reject);
    });
  }

  /** All packets in one write. */
  send(...packets: readonly Packet[]): void {
    this.socket.write(Buffer.concat(packets.map(frameOf)));
  }

  /** The next packets of the filter, one byte a character; fewer only if it closes before. */
  async take(count: number): Promise<string[]> {
    while (this.#packets.length < count && !this.socket.closed) {
      await Promise.race([
        this.closed,
        new Promise<void>((resolve) => {
          this.#wake = resolve;
        }),
      ]);
    }
    return this.#packets.splice(0, count);
  }

  /** The letters of the next packets. */
  async letters(count: number): Promise<string> {
    return (await this.take(count)).map((packet) => packet[0]).join("");
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** A packet with its length field. */
export function frameOf(packet: Packet): Buffer {
  const body = typeof packet === "string" ? Buffer.from(packet, "latin1") : packet;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}
