import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** One IMAP session, as far as the test needs it. */
export class ImapClient {
  readonly #socket: Socket;
  #received = "";
  #tag = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received += chunk.toString("latin1");
    });
  }

  /** Connects to 127.0.0.1:143 and waits for the greeting. */
  static async open(): Promise<ImapClient> {
    const client = new ImapClient(connect(143, "127.0.0.1"));
    await client.#wait(/^\* OK .*\r\n/);
    return client;
  }

  /**
   * @returns what the server said, to the line of this command's end.
   * @throws {Error} if it is not OK.
   */
  async command(text: string): Promise<string> {
    this.#tag += 1;
    this.#received = "";
    this.#socket.write(`a${this.#tag} ${text}\r\n`);
    const said = await this.#wait(new RegExp(`^a${this.#tag} (?:OK|NO|BAD).*\r\n`, "m"));
    if (!said.includes(`a${this.#tag} OK`)) throw new Error(`${text.slice(0, 80)}: ${said}`);
    return said;
  }

  append(mailbox: string, message: string): Promise<string> {
    return this.command(`APPEND ${mailbox} {${message.length}+}\r\n${message}`);
  }

  /** How many messages are in it. */
  async count(mailbox: string): Promise<number> {
    await this.command("NOOP"); // a mailbox that is selected is as it was, until then
    const said = await this.command(`STATUS ${mailbox} (MESSAGES)`);
    return Number(/MESSAGES (\d+)/.exec(said)?.[1]);
  }

  close(): void {
    this.#socket.destroy();
  }

  async #wait(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#received)) {
      await once(this.#socket, "data", { signal: AbortSignal.timeout(30_000) });
    }
    return this.#received;
  }
}
