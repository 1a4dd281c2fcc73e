/**
 * A row as one array of numbers, a third of what a map takes: the number of its shape, when it expires (seconds since
 * 1970), the day it was first written, where it is kept, then the values in the order of the shape's names.
 */
export type PackedRow = number[];

const HEAD = 4;
/** Callers have a fixed vocabulary, which gives a handful of shapes. */
const MAX_SHAPES = 10_000;

/** The sets of field names in use, each stored once. */
export class Shapes {
  readonly #names: (readonly string[])[] = [];
  readonly #ids = new Map<string, number>();

  /** @returns undefined if there are too many shapes. */
  pack(
    fields: ReadonlyMap<string, number>,
    {
      expires,
      day,
      place,
    }: { readonly expires: number; readonly day: number; readonly place: number },
  ): PackedRow | undefined {
    const names = [...fields.keys()].sort();
    const id = this.#idOf(names);
    if (id === undefined) return undefined;
    // Made at its full size: an array that grows takes half as much again.
    const row: PackedRow = new Array(HEAD + names.length);
    row[0] = id;
    row[1] = expires;
    row[2] = day;
    row[3] = place;
    names.forEach((name, index) => {
      row[HEAD + index] = fields.get(name) ?? 0;
    });
    return row;
  }

  unpack(row: PackedRow): Map<string, number> {
    const names = this.#names[row[0] ?? 0] ?? [];
    return new Map(names.map((name, index) => [name, row[HEAD + index] ?? 0]));
  }

  #idOf(names: readonly string[]): number | undefined {
    const text = names.join();
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    if (this.#names.length >= MAX_SHAPES) return undefined;
    this.#ids.set(text, this.#names.length);
    return this.#names.push(names) - 1;
  }
}

export function expiresAt(row: PackedRow): number {
  return row[1] ?? 0;
}

export function firstDay(row: PackedRow): number {
  return row[2] ?? 0;
}

/** The number of the segment it is in. */
export function placeOf(row: PackedRow): number {
  return row[3] ?? 0;
}
