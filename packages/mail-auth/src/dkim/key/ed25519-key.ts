import type { DkimReason } from "@postern/filter-core";

const KEY_BYTES = 32;

/**
 * The y of the points whose order divides 8, as written in a key: little-endian, the sign of x, which is the highest
 * bit, taken off. With such a key A the product k*A takes one of eight values, whatever was signed (RFC 8032 section
 * 5.1.7): with the first of them R=A, S=0 is a signature of every message. OpenSSL 3.0.19 finds it good, 3.5.8 does not;
 * which of them a Node has is not for us to say.
 */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  // y=1, x=0: the neutral element. The sign of 0 may not be set, but not every library minds.
  "0100000000000000000000000000000000000000000000000000000000000000",
  // y=-1, x=0: order 2, and the same about the sign.
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  // y=0, x=+-sqrt(-1): order 4, two points.
  "0000000000000000000000000000000000000000000000000000000000000000",
  // The two y of order 8, each the negative of the other, with two x each: four points.
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);

/**
 * Looks at an Ed25519 key as RFC 8463 section 4 publishes it: 32 bytes.
 *
 * @returns what is wrong with it, undefined for a good key.
 */
export function checkEd25519Key(key: Uint8Array): DkimReason | undefined {
  if (key.length !== KEY_BYTES) return "the key record is broken";
  const y = Buffer.from(key);
  y.writeUInt8(y.readUInt8(KEY_BYTES - 1) & 0x7f, KEY_BYTES - 1);
  if (!isReduced(y) || SMALL_ORDER_Y.has(y.toString("hex"))) return "the key is weak";
  return undefined;
}

/**
 * Whether y is less than p = 2^255 - 19 (RFC 8032 section 5.1.3). The nineteen numbers from p on are other spellings
 * of 0 to 18, and with them of points of small order.
 */
function isReduced(y: Buffer): boolean {
  if (y.readUInt8(0) < 0xed || y.readUInt8(KEY_BYTES - 1) < 0x7f) return true;
  return y.subarray(1, KEY_BYTES - 1).some((byte) => byte !== 0xff);
}
