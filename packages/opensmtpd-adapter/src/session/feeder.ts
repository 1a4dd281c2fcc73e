/** So much of one message may be on its way to the engine. */
const MAX_MESSAGE_BYTES = 262_144;
/** And so much of all of them: what a frozen engine leaves in our memory. */
const MAX_BYTES = 2_097_152;

/** A message that the engine is to be shown. */
export interface Feedable {
  readonly number: number;
  /** Sends the next piece; how many bytes it has, 0 where there is nothing to send now. Does not throw. */
  feed(): number;
  /** No more of it is needed. */
  enough(): void;
}

interface Feed {
  readonly message: Feedable;
  /** Sent, and not used yet. */
  bytes: number;
  isWaiting: boolean;
}

/** Shows messages to the engine, a piece of each in turn, no faster than it uses them. */
export class Feeder {
  readonly #feeds = new Map<number, Feed>();
  /** Those that have something to send. */
  readonly #queue: Feed[] = [];
  #bytes = 0;

  /** What is on its way. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The message has something to send. */
  add(message: Feedable): void {
    const feed = this.#feeds.get(message.number) ?? { message, bytes: 0, isWaiting: false };
    this.#feeds.set(message.number, feed);
    this.#wait(feed);
  }

  /** The engine has used bytes of a message. */
  used(message: number, bytes: number): void {
    const feed = this.#feeds.get(message);
    if (feed === undefined) return;
    const used = Math.min(bytes, feed.bytes);
    feed.bytes -= used;
    this.#bytes -= used;
    this.#wait(feed);
  }

  /** The engine needs no more of a message. */
  enough(message: number): void {
    this.#feeds.get(message)?.message.enough();
  }

  /** Nothing of the message is to be sent any more. */
  remove({ number }: Feedable): void {
    const feed = this.#feeds.get(number);
    if (feed === undefined) return;
    this.#feeds.delete(number);
    this.#bytes -= feed.bytes;
    const at = this.#queue.indexOf(feed);
    if (at !== -1) this.#queue.splice(at, 1);
  }

  /** The engine is gone, and what was on its way with it. */
  clear(): void {
    this.#feeds.clear();
    this.#queue.length = 0;
    this.#bytes = 0;
  }

  /** Sends what there is room for. */
  pump(): void {
    while (this.#bytes < MAX_BYTES) {
      const feed = this.#queue.shift();
      if (feed === undefined) return;
      const bytes = feed.bytes < MAX_MESSAGE_BYTES ? feed.message.feed() : 0;
      feed.bytes += bytes;
      this.#bytes += bytes;
      feed.isWaiting = bytes > 0 && this.#feeds.get(feed.message.number) === feed;
      if (feed.isWaiting) this.#queue.push(feed);
    }
  }

  #wait(feed: Feed): void {
    if (feed.isWaiting) return;
    feed.isWaiting = true;
    this.#queue.push(feed);
  }
}
