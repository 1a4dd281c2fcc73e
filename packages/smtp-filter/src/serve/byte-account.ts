/** What one connection holds of a {@link ByteAccount}. */
export interface Hold {
  /** It holds so many bytes now. If that is more than there is room for, whoever holds the most is put out. */
  set(bytes: number): void;
  /** It holds nothing any more, and will not. */
  close(): void;
}

interface Holder {
  bytes: number;
  readonly putOut: (bytes: number) => void;
}

/**
 * One bound for all that connections have sent and that is not judged yet. Past it the connection that holds the most is
 * put out, the oldest of equals: who holds less than the bound divided by the number of connections never is, whatever
 * the others do.
 */
export class ByteAccount {
  readonly maxBytes: number;
  readonly #holders = new Set<Holder>();
  #usedBytes = 0;
  #putOut = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** What all of them hold. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** How many connections were put out so far. */
  get putOut(): number {
    return this.#putOut;
  }

  /** @param putOut called once, where this connection is to give up what it holds; it holds nothing from then on. */
  open(putOut: (bytes: number) => void): Hold {
    const holder: Holder = { bytes: 0, putOut };
    this.#holders.add(holder);
    return {
      set: (bytes) => {
        if (bytes === holder.bytes || !this.#holders.has(holder)) return;
        this.#usedBytes += bytes - holder.bytes;
        holder.bytes = bytes;
        while (this.#usedBytes > this.maxBytes) this.#putOutGreediest();
      },
      close: () => this.#close(holder),
    };
  }

  /** As it holds at least an average part of the bound, the bytes that make us look for it are many. */
  #putOutGreediest(): void {
    let greediest: Holder | undefined;
    for (const holder of this.#holders)
      if (greediest === undefined || holder.bytes > greediest.bytes) greediest = holder;
    if (greediest === undefined) return;
    const { bytes } = greediest;
    this.#close(greediest);
    this.#putOut += 1;
    greediest.putOut(bytes);
  }

  #close(holder: Holder): void {
    if (!this.#holders.delete(holder)) return;
    this.#usedBytes -= holder.bytes;
    holder.bytes = 0;
  }
}
