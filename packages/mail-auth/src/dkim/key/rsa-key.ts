import type { DkimReason } from "@postern/filter-core";

/** RFC 8301 section 3.2: no less than this may pass. */
const MIN_MODULUS_BITS = 1024;
/** RFC 8301 asks verifiers for 4096 bits; beyond, one signature costs milliseconds. */
const MAX_MODULUS_BITS = 4096;
/** OpenSSL takes exponents as long as the modulus up to 3072 bits: such a signature costs two hundred times as much. */
const MAX_EXPONENT_BYTES = 4;

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const SEQUENCE = 0x30;
/** What an AlgorithmIdentifier of rsaEncryption holds: its name and NULL (RFC 3279 section 2.3.1). */
const RSA_ENCRYPTION: Buffer = Buffer.from("06092a864886f70d0101010500", "hex");

/**
 * Looks at an RSA key before anything is calculated with it: a SubjectPublicKeyInfo, which most publish, or the bare
 * RSAPublicKey of RFC 6376 section 3.6.1, in DER.
 *
 * @returns what is wrong with it, undefined for a good key.
 */
export function checkRsaKey(der: Uint8Array): DkimReason | undefined {
  const key = readRsaKey(der);
  if (key === undefined) return "the key record is broken";
  const { modulus, exponent } = key;
  const bits = bitLength(modulus);
  if (bits < MIN_MODULUS_BITS) return "the key is too short";
  if (bits > MAX_MODULUS_BITS) return "the key is too long";
  // With e=1 the signature is the padded hash itself; an even number is in no RSA key.
  const isOne = exponent.length === 1 && exponent[0] === 1;
  const isLarge = exponent.length > MAX_EXPONENT_BYTES;
  if (!isOdd(modulus) || !isOdd(exponent) || isOne || isLarge) return "the key is weak";
  return undefined;
}

interface RsaKey {
  /** Both big-endian, without leading zeros. */
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}

function readRsaKey(der: Uint8Array): RsaKey | undefined {
  const outer = takeLast(der, SEQUENCE);
  if (outer === undefined) return undefined;
  return outer[0] === SEQUENCE ? readSubjectKey(outer) : readIntegers(outer);
}

/** The inside of a SubjectPublicKeyInfo. */
function readSubjectKey(bytes: Uint8Array): RsaKey | undefined {
  const algorithm = take(bytes, SEQUENCE);
  if (algorithm === undefined || !RSA_ENCRYPTION.equals(algorithm.content)) return undefined;
  const bits = takeLast(algorithm.rest, BIT_STRING);
  // The first byte counts the bits that are not used.
  if (bits?.[0] !== 0) return undefined;
  const key = takeLast(bits.subarray(1), SEQUENCE);
  return key && readIntegers(key);
}

/** The inside of an RSAPublicKey (RFC 8017 appendix A.1.1). */
function readIntegers(bytes: Uint8Array): RsaKey | undefined {
  const first = take(bytes, INTEGER);
  if (first === undefined) return undefined;
  const second = takeLast(first.rest, INTEGER);
  const modulus = magnitude(first.content);
  const exponent = second && magnitude(second);
  return modulus && exponent && { modulus, exponent };
}

/** A positive INTEGER in its shortest form, without the zero that keeps it positive. */
function magnitude(integer: Uint8Array): Uint8Array | undefined {
  const [first, second] = integer;
  if (first === undefined || first > 0x7f) return undefined;
  if (first > 0) return integer;
  return second !== undefined && second > 0x7f ? integer.subarray(1) : undefined;
}

interface Element {
  readonly content: Uint8Array;
  readonly rest: Uint8Array;
}

/** Takes one DER element off the front; its length must be within the bytes and in the shortest form. */
function take(bytes: Uint8Array, tag: number): Element | undefined {
  const [found, first, second, third] = bytes;
  if (found !== tag || first === undefined) return undefined;
  if (first < 0x80) return cut(bytes, 2, first);
  if (first === 0x81 && second !== undefined && second >= 0x80) return cut(bytes, 3, second);
  if (first !== 0x82 || second === undefined || third === undefined) return undefined;
  // More than two bytes of length are more than a key record holds.
  const length = second * 256 + third;
  return length >= 0x100 ? cut(bytes, 4, length) : undefined;
}

function cut(bytes: Uint8Array, start: number, length: number): Element | undefined {
  const end = start + length;
  if (end > bytes.length) return undefined;
  return { content: bytes.subarray(start, end), rest: bytes.subarray(end) };
}

/** The content of an element after which nothing comes. */
function takeLast(bytes: Uint8Array, tag: number): Uint8Array | undefined {
  const element = take(bytes, tag);
  return element?.rest.length === 0 ? element.content : undefined;
}

function bitLength(number: Uint8Array): number {
  return number.length * 8 - (Math.clz32(number[0] ?? 0) - 24);
}

function isOdd(number: Uint8Array): boolean {
  return ((number.at(-1) ?? 0) & 1) === 1;
}
