import { closedFault, StoreFault } from "../backend.ts";
import type { Clock } from "../clock.ts";
import { faultOfServer, textOf } from "./reply-error.ts";

/** What is used of @redis/client. */
export interface Client {
  connect(): Promise<unknown>;
  destroy(): void;
  sendCommand(args: readonly string[]): Promise<unknown>;
  on(event: "error", listener: (error: Error) => void): unknown;
  readonly isReady: boolean;
}

const FIRST_PAUSE_MS = 100;
/** Shorter than the breaker's time between two probes. */
const LONGEST_PAUSE_MS = 4_000;
/** A server that owes answers and completes none for this long is disconnected. */
const SILENCE_MS = 1_000;

/**
 * One connection, made when first needed and again after it was lost, with growing pauses. The client's own queue and
 * reconnecting are switched off: they would keep what nobody waits for any more.
 */
export class Connection {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #create: () => Client;
  #client: Client | undefined;
  #connecting: Promise<Client> | undefined;
  #notBeforeMs = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #lastFailure = "";
  #unanswered = 0;
  #isWatched = false;
  #answers = 0;
  #isClosed = false;

  constructor(name: string, clock: Clock, create: () => Client) {
    this.#name = name;
    this.#clock = clock;
    this.#create = create;
  }

  /**
   * @returns the reply, of which nothing is known yet.
   * @throws {Error} of the client, or {@link StoreFault}.
   */
  async command(args: readonly string[]): Promise<unknown> {
    const client = this.#client?.isReady ? this.#client : await this.#connect();
    this.#unanswered += 1;
    this.#watch(client);
    try {
      return await client.sendCommand(args);
    } finally {
      this.#unanswered -= 1;
      this.#answers += 1;
    }
  }

  /** For good: nothing connects any more, which would keep the process alive. */
  close(): void {
    this.#isClosed = true;
    this.drop();
  }

  /** Ends the connection; what was not answered is rejected. */
  drop(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.destroy();
  }

  #connect(): Promise<Client> {
    this.#connecting ??= this.#tryToConnect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #tryToConnect(): Promise<Client> {
    this.drop();
    if (this.#isClosed) throw closedFault();
    if (this.#clock.nowMs() < this.#notBeforeMs) throw this.#notConnected();
    const client = this.#created();
    this.#client = client;
    // Without a listener an error event would end the process. What it says, the commands say too.
    client.on("error", () => {});
    const giveUp = this.#clock.after(LONGEST_PAUSE_MS, () => client.destroy());
    try {
      await client.connect();
      this.#pauseMs = FIRST_PAUSE_MS;
      return client;
    } catch (error) {
      client.destroy();
      if (this.#client === client) this.#client = undefined;
      this.#notBeforeMs = this.#clock.nowMs() + this.#pauseMs;
      this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
      this.#lastFailure = textOf(error);
      const { message, weight } = faultOfServer(this.#name, error);
      // Nothing of the caller's was sent.
      throw new StoreFault(message, { batch: "not-applied", weight, cause: error });
    } finally {
      giveUp();
    }
  }

  /** The client takes no URL that is none, and quotes it. */
  #created(): Client {
    try {
      return this.#create();
    } catch {
      const message = `Cannot use ${this.#name}: its URL is not valid`;
      throw new StoreFault(message, { batch: "not-applied", weight: "proof" });
    }
  }

  #notConnected(): StoreFault {
    return new StoreFault(`Cannot reach ${this.#name}: ${this.#lastFailure}`, {
      batch: "not-applied",
      weight: "suspicion",
    });
  }

  #watch(client: Client): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    const answersBefore = this.#answers;
    this.#clock.after(SILENCE_MS, () => {
      this.#isWatched = false;
      if (this.#unanswered === 0 || this.#client !== client) return;
      if (this.#answers === answersBefore) this.drop();
      else this.#watch(client);
    });
  }
}
