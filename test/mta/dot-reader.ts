const end = Buffer.from("\r\n.\r\n");

/** Collects a message after DATA up to CRLF "." CRLF and takes the dot stuffing out (RFC 5321 4.5.2). */
export class DotReader {
  /** The CRLF of the DATA line counts: a message may be empty. */
  readonly #chunks: Buffer[] = [Buffer.from("\r\n")];
  #tail = Buffer.from("\r\n");
  #length = 2;

  /** The message and what follows its end, once the end has come. Only the end's last bytes are looked at twice. */
  push(chunk: Buffer): { readonly message: Buffer; readonly rest: Buffer } | undefined {
    const seam = Buffer.concat([this.#tail, chunk]);
    const at = seam.indexOf(end);
    const start = this.#length - this.#tail.length;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    this.#tail = seam.subarray(Math.max(0, seam.length - (end.length - 1)));
    if (at < 0) return undefined;
    const all = Buffer.concat(this.#chunks);
    return {
      message: unstuffed(all.subarray(0, start + at + 2)).subarray(2),
      rest: all.subarray(start + at + end.length),
    };
  }
}

function unstuffed(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf("\r\n."); at >= 0; at = bytes.indexOf("\r\n.", at + 3)) {
    parts.push(bytes.subarray(from, at + 2));
    from = at + 3;
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
}
