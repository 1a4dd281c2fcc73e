import { createHash } from "node:crypto";

/** A store takes no longer key, and none with other bytes than printable ASCII. */
const MAX_BYTES = 200;

/** A key as a store takes it: one with bytes of a stranger's choosing, or a long one, becomes its kind and a digest. */
export function storeKey(key: string): string {
  if (key.length <= MAX_BYTES && /^[!-~]+$/.test(key)) return key;
  const kind = /^[a-z]+/.exec(key)?.[0] ?? "other";
  return `${kind}:#${createHash("sha256").update(key).digest("hex")}`;
}
