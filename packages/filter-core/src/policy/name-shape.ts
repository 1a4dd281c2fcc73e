import type { Domain } from "@postern/smtp-filter";

/**
 * A shape of names: `*` stands for any characters, `N` for a number, `{author}` for the author domain (its dots as dots or
 * as dashes), `{label}` for the first label of its registrable domain. Made only by {@link parseNameShape}.
 */
export interface NameShape {
  readonly text: string;
  /** What stands between the `*`, numbers as `N`. */
  readonly pieces: readonly string[];
}

const MAX_LENGTH = 253;
const MAX_STARS = 8;
const SHAPE = /^(?:[a-z0-9_.*N-]|\{author\}|\{label\})+$/;

/** @returns undefined for what cannot be a shape of names, or has nothing but `*` in it. */
export function parseNameShape(text: string): NameShape | undefined {
  if (text.length > MAX_LENGTH || !SHAPE.test(text)) return undefined;
  const pieces = text.replace(/\d+/g, "N").split("*");
  if (pieces.length - 1 > MAX_STARS || pieces.every((piece) => /^[.-]*$/.test(piece)))
    return undefined;
  return { text, pieces };
}

/** The author that `{author}` and `{label}` stand for. */
export interface ShapeAuthor {
  readonly domain: Domain;
  readonly organization: Domain;
}

/**
 * Whether a name has the shape. The work is linear in the length of the name for each piece of the shape.
 *
 * @param author left out: a shape with `{author}` or `{label}` fits nothing.
 */
export function fitsShape(name: string, shape: NameShape, author?: ShapeAuthor): boolean {
  return fillings(shape.pieces, author).some((pieces) => fits(numbersAsN(name), pieces));
}

function fillings(
  pieces: readonly string[],
  author: ShapeAuthor | undefined,
): readonly (readonly string[])[] {
  if (!pieces.some((piece) => piece.includes("{"))) return [pieces];
  if (author === undefined) return [];
  const [label = ""] = author.organization.split(".");
  const written = [author.domain, author.domain.replaceAll(".", "-")];
  return written.map((text) =>
    pieces.map((piece) =>
      numbersAsN(piece.replaceAll("{author}", text).replaceAll("{label}", label)),
    ),
  );
}

function numbersAsN(text: string): string {
  return text.replace(/\d+/g, "N");
}

/** The first piece stands at the start, the last at the end, the others in between, each as early as it can. */
function fits(name: string, pieces: readonly string[]): boolean {
  const [first = "", ...others] = pieces;
  const last = others.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const piece of others) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
