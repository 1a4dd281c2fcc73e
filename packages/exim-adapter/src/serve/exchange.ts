import type { Socket } from "node:net";
import { unreachable } from "@postern/smtp-filter";
import type { Share } from "@postern/smtp-filter/serve";
import type { ServerEvent } from "../events.ts";
import type { Settings } from "../options.ts";
import type { Translator } from "../translate.ts";
import { encodeLine } from "../wire/encode-line.ts";
import type { MessageRequest } from "../wire/message-request.ts";
import { ProtocolError } from "../wire/protocol-error.ts";
import { decodeQuestion } from "../wire/question.ts";
import { HeadReader, type RequestHead } from "../wire/request-head.ts";
import { decodeRspamdHead } from "../wire/rspamd-head.ts";
import { decodeSpamdHead } from "../wire/spamd-head.ts";
import { ByteSource, PATIENCE_MS, PeerLost } from "./byte-source.ts";
import { Copy } from "./copy.ts";

/** One connection of a mail server: one request, one answer. */
export class Exchange {
  readonly #socket: Socket;
  readonly #settings: Settings;
  readonly #translator: Translator;
  readonly #peer: string;
  readonly #source: ByteSource;
  readonly #head = new HeadReader();
  readonly #share: Share;
  #copy: Copy | undefined;
  #keptBytes = 0;
  #stopLinger: (() => void) | undefined;

  constructor(
    socket: Socket,
    settings: Settings,
    translator: Translator,
    peer: string,
    share: Share,
  ) {
    this.#share = share;
    this.#socket = socket;
    this.#settings = settings;
    this.#translator = translator;
    this.#peer = peer;
    this.#source = new ByteSource(socket, settings.clock);
    // Whatever it is (EPIPE, ECONNRESET), the peer is gone; "close" follows.
    socket.on("error", () => {});
    socket.on("close", () => this.#stopLinger?.());
    socket.on("readable", this.#weigh);
    void this.#run();
  }

  /** Ends it without an answer. */
  cut(): void {
    this.#socket.destroy();
    this.#copy?.onAbandoned();
  }

  /** Says what it holds, which may be its end. */
  readonly #weigh = (): void => {
    this.#share.hold.set(this.#head.heldBytes + this.#keptBytes + this.#socket.readableLength);
  };

  async #run(): Promise<void> {
    try {
      this.#leave(await this.#answer());
    } catch (error) {
      if (error instanceof PeerLost) this.#lose(error.why);
      else if (error instanceof ProtocolError) this.#refuse(error);
      else {
        this.#report({ kind: "internal-error", peer: this.#peer, error });
        this.cut();
      }
    }
  }

  async #answer(): Promise<string> {
    const head = await this.#readHead();
    switch (head.dialect) {
      case "line":
        return encodeLine(
          await this.#translator.answer(this.#read(decodeQuestion, head), this.#peer),
        );
      case "spamd":
        return this.#judge(this.#read(decodeSpamdHead, head), head.rest);
      case "rspamd":
        return this.#judge(this.#read(decodeRspamdHead, head), head.rest);
      default:
        return unreachable(head.dialect);
    }
  }

  /** A request that can be read proves that the peer speaks the protocol. */
  #read<T>(decode: (text: string) => T, head: RequestHead): T {
    const request = decode(head.text);
    this.#share.place.prove();
    return request;
  }

  async #readHead(): Promise<RequestHead> {
    for (;;) {
      const chunk = await this.#source.next();
      if (chunk === undefined)
        throw new ProtocolError("Cannot read the request: it ends before it is whole");
      const head = this.#head.push(chunk);
      this.#weigh();
      if (head !== undefined) return head;
    }
  }

  #judge(request: MessageRequest, rest: Buffer): Promise<string> {
    this.#source.awaitMessage();
    this.#copy = new Copy(this.#source, rest, request.length, (bytes) => {
      this.#keptBytes = bytes;
      this.#weigh();
    });
    return this.#translator.judge(request, this.#copy, this.#peer);
  }

  /** Sends the answer, if there is one, and closes. A peer that does not read to the end is cut off. */
  #leave(answer: string): void {
    if (this.#socket.destroyed) return;
    this.#stopLinger = this.#settings.clock.after(PATIENCE_MS.close, () => this.#lose("slow"));
    this.#socket.end(answer, "latin1");
    // What is not read when the socket is closed would reset it, and take the answer along.
    this.#socket.removeAllListeners("readable");
    this.#socket.resume();
  }

  #refuse(error: ProtocolError): void {
    this.#report({
      kind: "protocol-error",
      peer: this.#peer,
      dialect: this.#head.dialect,
      firstBytesHex: this.#head.firstBytesHex,
      message: error.message,
    });
    this.#leave("");
  }

  #lose(why: "gone" | "slow"): void {
    if (why === "slow") {
      const waitedFor = this.#stopLinger === undefined ? this.#source.waitsFor : "close";
      const deadlineMs = PATIENCE_MS[waitedFor];
      this.#report({ kind: "peer-deadline", peer: this.#peer, waitedFor, deadlineMs });
    }
    this.cut();
  }

  #report(event: ServerEvent): void {
    this.#settings.onEvent(event);
  }
}
