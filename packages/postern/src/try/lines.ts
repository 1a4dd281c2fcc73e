/** One line of bytes without its LF, or what became of one that was too long. */
export type Line =
  | { readonly kind: "line"; readonly bytes: Buffer }
  | { readonly kind: "too-long"; readonly limitBytes: number };

const LF = 0x0a;

/**
 * Splits a byte stream into lines. They end at LF only: a U+2028 inside one is data.
 * A line over the limit is discarded as it arrives, reported once, and the next one is read.
 */
export async function* splitLines(
  input: AsyncIterable<Uint8Array>,
  limitBytes: number,
): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const take = (): Line => {
    const line: Line =
      length > limitBytes
        ? { kind: "too-long", limitBytes }
        : { kind: "line", bytes: Buffer.concat(parts) };
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      add(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    add(chunk.subarray(start));
  }
  if (length > 0) yield take();

  function add(part: Uint8Array): void {
    length += part.length;
    if (length > limitBytes) parts = [];
    else if (part.length > 0) parts.push(part);
  }
}
