/** A map that knows its oldest key: the one written longest ago. */
export class Segment<Row> {
  readonly #rows = new Map<string, Row>();
  /**
   * Stands at the oldest key. Kept, as a new one would step over all the holes that removed keys left; made only when
   * first needed, as a resting one keeps the tables alive that a growing map has left behind.
   */
  #oldest: MapIterator<string> | undefined;

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  /** Puts the row in, as the youngest. */
  put(key: string, row: Row): void {
    this.#rows.delete(key);
    this.#rows.set(key, row);
  }

  delete(key: string): boolean {
    return this.#rows.delete(key);
  }

  entries(): MapIterator<[string, Row]> {
    return this.#rows.entries();
  }

  /** Removes the oldest row, if there is one. */
  dropOldest(): void {
    this.#oldest ??= this.#rows.keys();
    const { value, done } = this.#oldest.next();
    // At its end an iterator stays there, whatever is added.
    if (done) this.#oldest = undefined;
    else this.#rows.delete(value);
  }
}
