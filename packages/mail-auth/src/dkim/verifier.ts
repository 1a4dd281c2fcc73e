import { setImmediate as turn } from "node:timers/promises";
import { type DkimVerifier, type DkimVerifierOptions, loadMailauth } from "../mailauth/mailauth.ts";
import { RelaxedBody } from "./body/relaxed-body.ts";
import { SimpleBody } from "./body/simple-body.ts";

/** So many different ways to hash the body are followed; a signature with another one is not checked. */
const MAX_BODY_HASHES = 4;
/** From here on verifying one signature is long enough to let others have a turn before the next. */
const LARGE_HEADER_BYTES = 16_384;

/** Stands for the hash of a signature that came too late to have one. */
export const NO_BODY_HASH = "not hashed";

type VerifierClass = new (options: DkimVerifierOptions, headerBytes: number) => DkimVerifier;
let verifierClass: VerifierClass | undefined;

/** mailauth's verifier over our own body hashers: linear, in bounded memory, and giving way to others. */
export function createVerifier(options: DkimVerifierOptions, headerBytes: number): DkimVerifier {
  verifierClass ??= defineVerifier();
  return new verifierClass(options, headerBytes);
}

function defineVerifier(): VerifierClass {
  const Base = loadMailauth().DkimVerifier as new (
    options: DkimVerifierOptions,
  ) => DkimVerifier & { verifySignature(...parameters: readonly unknown[]): Promise<unknown> };
  return class extends Base {
    readonly #headerBytes: number;

    constructor(options: DkimVerifierOptions, headerBytes: number) {
      super(options);
      this.#headerBytes = headerBytes;
    }

    override addBodyHash(
      canonicalization: string,
      algorithm: "sha256" | "sha1",
      limit: number | "" | undefined,
    ): string {
      const key = `${canonicalization}:${algorithm}:${limit}`;
      if (this.bodyHashes.has(key)) return key;
      if (this.bodyHashes.size >= MAX_BODY_HASHES) return NO_BODY_HASH;
      const Hasher = canonicalization === "relaxed" ? RelaxedBody : SimpleBody;
      this.bodyHashes.set(key, new Hasher(algorithm, limit));
      return key;
    }

    override async verifySignature(...parameters: readonly unknown[]): Promise<unknown> {
      if (this.#headerBytes > LARGE_HEADER_BYTES) await turn();
      return await super.verifySignature(...parameters);
    }
  };
}
