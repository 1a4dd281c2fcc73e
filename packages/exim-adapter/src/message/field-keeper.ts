import type { Buffer } from "node:buffer";
import type { Removals } from "../wire/message-verdict.ts";

/** More of one name has no room in an answer. */
const MAX_NAME_BYTES = 8192;
const MAX_BYTES = 65_536;
const MAX_NAMES = 2000;

interface Name {
  count: number;
  bytes: number;
  readonly fields: { readonly ordinal: number; readonly text: string }[];
}

/**
 * Keeps header fields of a message until it is known which are to be removed: Exim can only remove all fields of a
 * name, so those that are not meant have to be put back.
 */
export class FieldKeeper {
  readonly #names = new Map<string, Name>();
  #bytes = 0;
  #hasLeftOut = false;

  /** @param name in lower case, without blanks. @param field the whole of it, folds as LF. */
  keep(name: string, field: Buffer): void {
    const known = this.#names.get(name) ?? this.#newName(name);
    if (known === undefined) return;
    known.count += 1;
    known.bytes += field.length;
    if (known.bytes > MAX_NAME_BYTES || this.#bytes + field.length > MAX_BYTES) return;
    this.#bytes += field.length;
    known.fields.push({ ordinal: known.count, text: field.toString("latin1") });
  }

  /** Fields that go with the forged ones, though they are not meant; and how many more there may be. */
  innocent(removals: Removals): { readonly fields: readonly string[]; readonly missing: number } {
    const fields: string[] = [];
    let missing = 0;
    for (const [name, ordinals] of removals) {
      const known = this.#names.get(name);
      if (known === undefined) {
        missing += this.#hasLeftOut ? 1 : 0;
        continue;
      }
      const kept = known.fields.filter(({ ordinal }) => !ordinals.has(ordinal));
      fields.push(...kept.map(({ text }) => text));
      const meant = [...ordinals].filter((ordinal) => ordinal <= known.count).length;
      missing += known.count - meant - kept.length;
    }
    return { fields, missing };
  }

  #newName(name: string): Name | undefined {
    if (this.#names.size >= MAX_NAMES || name.length > 200) {
      this.#hasLeftOut = true;
      return undefined;
    }
    const made: Name = { count: 0, bytes: 0, fields: [] };
    this.#names.set(name, made);
    return made;
  }
}
