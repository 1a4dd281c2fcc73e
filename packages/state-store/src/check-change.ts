import { MAX_KEY_BYTES } from "./limits.ts";
import type { Change, Fields } from "./port.ts";

const KEY = /^[\x21-\x7e]+$/;
const FIELD = /^[A-Za-z][A-Za-z0-9_.-]{0,47}$/;
const MAX_TTL_SECONDS = 10 * 366 * 86_400;

export function isKey(text: unknown): text is string {
  return typeof text === "string" && text.length <= MAX_KEY_BYTES && KEY.test(text);
}

export function isFieldName(text: string): boolean {
  return FIELD.test(text);
}

/** Whether a change says what the port allows; the writer's bug otherwise, or somebody's attempt. */
export function isChange(change: Change): boolean {
  return (
    isKey(change.key) &&
    Number.isSafeInteger(change.day) &&
    Number.isSafeInteger(change.ttlSeconds) &&
    change.ttlSeconds >= 1 &&
    change.ttlSeconds <= MAX_TTL_SECONDS &&
    areFields(change)
  );
}

function areFields({ add, setOnce, set, max }: Change): boolean {
  const seen = new Set<string>();
  let count = 0;
  for (const group of [add, setOnce, set, max]) {
    for (const [name, value] of entriesOf(group)) {
      if (!isFieldName(name) || !Number.isFinite(value)) return false;
      seen.add(name);
      count += 1;
    }
  }
  return count > 0 && seen.size === count;
}

export function entriesOf(fields: Fields | undefined): readonly [string, number][] {
  return fields === undefined ? [] : Object.entries(fields);
}
