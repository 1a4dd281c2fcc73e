import { dirname } from "node:path";
import { LineCounter, type Node, parseDocument } from "yaml";
import { ConfigError, type Problem } from "./config-error.ts";
import type { Place, Source } from "./source.ts";
import { explainYamlError, needsQuotes } from "./yaml-traps.ts";
import { locateIn, type Tree, toTree } from "./yaml-tree.ts";

/** Far more than anyone writes by hand. */
export const MAX_BYTES = 1_048_576;

/**
 * Reads a YAML file: one document, core schema, no tags of its own, no key twice.
 *
 * @param file its path as messages show it.
 * @param path its path; relative paths in it start at its folder.
 * @throws {ConfigError} with every syntax error, in words for an administrator.
 */
export function readYaml(bytes: Uint8Array, file: string, path: string): Source {
  const text = decode(bytes, file);
  const counter = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = counter.linePos(Math.min(offset, text.length));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: Problem[] = [];
  const report = (offset: number, message: string): void => {
    problems.push({ file, ...place(offset), message });
  };
  const document = parse(text, counter, report);
  const tree: Tree =
    document === null ? { value: undefined } : toTree(document, place, report, needsQuotes);
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    file,
    folder: dirname(path),
    base: [],
    value: tree.value ?? {},
    locate: (path, what) => locateIn(tree, path, what) ?? { line: 1, column: 1 },
  };
}

function decode(bytes: Uint8Array, file: string): string {
  const refuse = (message: string): ConfigError =>
    new ConfigError([{ file, line: 0, column: 0, message }]);
  if (bytes.byteLength > MAX_BYTES) throw refuse(`is too large: the limit is ${MAX_BYTES} bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refuse("is not UTF-8 text");
  }
}

function parse(
  text: string,
  lineCounter: LineCounter,
  report: (offset: number, message: string) => void,
): Node | null {
  try {
    const document = parseDocument(text, {
      lineCounter,
      schema: "core",
      version: "1.2",
      resolveKnownTags: false,
      uniqueKeys: false, // quadratic in the parser: toTree finds duplicates itself
      prettyErrors: false,
      logLevel: "error", // "silent" would let a second document pass,
    });
    const lineAt = (offset: number): string => {
      const start = text.lastIndexOf("\n", offset - 1) + 1;
      const end = text.indexOf("\n", offset);
      return text.slice(start, end === -1 ? text.length : end);
    };
    for (const { code, message, pos } of [...document.errors, ...document.warnings].slice(0, 100))
      report(pos[0], explainYamlError(code, message, lineAt(pos[0])));
    return document.errors.length > 0 ? null : (document.contents as Node | null);
  } catch (cause) {
    // The parser recurses: a few thousand nested brackets exhaust the stack.
    const why = cause instanceof RangeError ? "it is nested too deeply" : String(cause);
    report(0, `cannot be read as YAML: ${why.slice(0, 200)}`);
    return null;
  }
}
