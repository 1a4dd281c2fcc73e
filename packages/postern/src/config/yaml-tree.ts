import {
  type Alias,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { type Path, type Place, printable } from "./source.ts";

/** A value, where it stands, and what is in it. Maps have no prototype. */
export interface Tree {
  readonly value: unknown;
  readonly place?: Place;
  readonly keyPlace?: Place;
  readonly children?: ReadonlyMap<PropertyKey, Tree>;
}

type Report = (offset: number, message: string) => void;

const MAX_DEPTH = 24;
const MAX_NODES = 100_000;
const TAGS = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/;

/**
 * Turns nodes into values with places. Reports duplicate keys, keys that could reach a prototype, tags,
 * unknown aliases, and documents that expand beyond the limits.
 *
 * @param needsQuotes the text that YAML reads as a map although one word was meant (`2001:db8::`).
 */
export function toTree(
  root: Node,
  place: (offset: number) => Place,
  report: Report,
  needsQuotes: (map: YAMLMap) => string | undefined,
): Tree {
  const anchors = new Map<string, Node>();
  let nodes = 0;

  function convert(node: unknown, depth: number, fallback: number): Tree {
    nodes += 1;
    const start = isNode(node) ? (node.range?.[0] ?? fallback) : fallback;
    if (nodes === MAX_NODES + 1) report(start, `there are more than ${MAX_NODES} values`);
    if (depth > MAX_DEPTH) report(start, `this is nested deeper than ${MAX_DEPTH} levels`);
    if (nodes > MAX_NODES || depth > MAX_DEPTH || !isNode(node))
      return { value: null, place: place(start) };
    if (isAlias(node)) return convertAlias(node, depth, start);
    if (node.tag !== undefined && !TAGS.test(node.tag))
      report(start, `the tag ${printable(node.tag)} is not supported: write the plain value`);
    const tree = convertNode(node, depth, start);
    // Added last: an alias inside its own anchor stays unknown, so nothing recurses forever.
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    return tree;
  }

  function convertAlias(alias: Alias, depth: number, start: number): Tree {
    const node = anchors.get(alias.source);
    if (node !== undefined) return { ...convert(node, depth + 1, start), place: place(start) };
    report(start, `*${printable(alias.source)} is not defined: there is no anchor of that name`);
    return { value: null, place: place(start) };
  }

  function convertNode(node: Node, depth: number, start: number): Tree {
    const at = place(start);
    if (isScalar(node)) return { value: scalarValue(node), place: at };
    if (isSeq(node)) return convertList(node, depth, start);
    if (!isMap(node)) return { value: null, place: at };
    const word = needsQuotes(node);
    if (word !== undefined) {
      report(start, `YAML reads a word that ends in ":" as a map: quote it, "${word}"`);
      return { value: null, place: at };
    }
    return convertMap(node, depth, start);
  }

  function convertList(list: YAMLSeq, depth: number, start: number): Tree {
    const children = list.items.map((item) => convert(item, depth + 1, start));
    return {
      value: children.map(({ value }) => value),
      place: place(start),
      children: new Map(children.entries()),
    };
  }

  function convertMap(map: YAMLMap, depth: number, start: number): Tree {
    const value: Record<string, unknown> = Object.create(null);
    const children = new Map<PropertyKey, Tree>();
    for (const pair of map.items as readonly Pair[]) {
      const offset = isNode(pair.key) ? (pair.key.range?.[0] ?? start) : start;
      const key = keyText(pair.key);
      if (key === undefined) report(offset, "a key must be a word, not a list, a map or an alias");
      else if (key === "__proto__") report(offset, '"__proto__" cannot be a key');
      else if (children.has(key)) report(offset, `"${printable(key)}" is given twice`);
      else {
        const child = convert(pair.value, depth + 1, offset);
        children.set(key, { ...child, keyPlace: place(offset) });
        value[key] = child.value;
      }
    }
    return { value, place: place(start), children };
  }

  return convert(root, 0, 0);
}

/** The place of the value at a path, or of its key; if there is none, of the nearest value around it. */
export function locateIn(tree: Tree, path: Path, what: "key" | "value"): Place | undefined {
  let current = tree;
  for (const key of path) {
    const child = current.children?.get(key);
    if (child === undefined) return current.keyPlace ?? current.place;
    current = child;
  }
  return what === "key" ? (current.keyPlace ?? current.place) : current.place;
}

/** Keys such as `465` stay the text they were written as. */
function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}

/** Numbers too large to be exact stay text, so that they do not silently become another number. */
function scalarValue({ value, source }: Scalar): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return source ?? String(value);
  return typeof value === "bigint" ? String(value) : value;
}
