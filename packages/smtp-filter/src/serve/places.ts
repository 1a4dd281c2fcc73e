/** The place of one connection among {@link Places}. */
export interface Place {
  /** The peer has proved to speak the protocol: nobody takes this place from it any more. */
  prove(): void;
  /** The place is free again. */
  leave(): void;
}

/**
 * The places of a listener. Peers that have not yet proved to speak its protocol get at most half of them; when those
 * are taken, the one that has been silent the longest makes way for the next.
 */
export class Places {
  readonly #limit: number;
  readonly #unprovedLimit: number;
  /** What puts each of them out, the longest there first. */
  readonly #unproved = new Map<Place, () => void>();
  #proved = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#unprovedLimit = Math.max(1, Math.floor(limit / 2));
  }

  /** Places of peers that have proved nothing yet. */
  get unproved(): number {
    return this.#unproved.size;
  }

  /**
   * @param putOut called once, where somebody else gets this place.
   * @returns undefined: all places are taken by peers that have proved to speak.
   */
  take(putOut: () => void): Place | undefined {
    const isFull = this.#proved + this.#unproved.size >= this.#limit;
    if (isFull || this.#unproved.size >= this.#unprovedLimit) {
      const [longest] = this.#unproved;
      if (longest === undefined) return undefined;
      const [loser, putItOut] = longest;
      this.#unproved.delete(loser);
      putItOut();
    }
    let hasProved = false;
    const place: Place = {
      prove: () => {
        if (!this.#unproved.delete(place)) return;
        hasProved = true;
        this.#proved += 1;
      },
      leave: () => {
        this.#unproved.delete(place);
        if (hasProved) this.#proved -= 1;
        hasProved = false;
      },
    };
    this.#unproved.set(place, putOut);
    return place;
  }
}
