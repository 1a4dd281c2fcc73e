/**
 * How a page marks what a reader pastes. The first word after the fence says it, and readers see only colours:
 *
 *   sh        commands, run as they stand
 *   console   lines that begin with `# ` or `$ ` are commands, the others are what they print (see shape.ts)
 *   yaml, conf, m4, ini, sieve, with a first line that names a path, `# /etc/postern/postern.yaml`: a file, written as it stands
 *   sh first  commands that a page gives further down and that have to be run before all others
 *   smtp      what a client with many faults reads at that moment
 *   text, or any of these with the word `example` behind it: only to be read. Commands say why: `sh example: needs root`
 *
 * A page that is played has no other code blocks: one that nobody knows how to play is an error.
 */
export type Block =
  | (Place & { readonly kind: "sh" | "smtp"; readonly text: string })
  | (Place & { readonly kind: "console"; readonly exchanges: readonly Exchange[] })
  | (Place & { readonly kind: "file"; readonly path: string; readonly text: string });

/** A command of a console block and the lines it is said to print. */
export interface Exchange {
  /** # for root, $ for an ordinary user. */
  readonly prompt: string;
  readonly command: string;
  readonly output: string;
}

interface Place {
  /** The heading it stands below, without its number. */
  readonly heading: string;
  /** Of the fence, from 1. */
  readonly line: number;
  readonly when?: "first";
}

/** What is to be played, and every heading of the page. */
export interface Page {
  readonly headings: readonly string[];
  readonly blocks: readonly Block[];
}

const fileKinds = new Set(["yaml", "conf", "m4", "ini", "sieve"]);

/**
 * Reads a page.
 * @throws {SyntaxError} with the line, for a block that cannot be played.
 */
export function readPage(markdown: string): Page {
  const headings: string[] = [];
  const blocks: Block[] = [];
  const lines = markdown.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const title = /^#+ (?:\d+\. )?(.+)$/.exec(line)?.[1];
    if (title !== undefined) headings.push(title);
    const fence = /^(\s*)(```+)(.*)$/.exec(line);
    if (fence === null) {
      if (isIndentedCode(lines, at)) {
        throw new SyntaxError(`line ${at + 1}: an indented code block: use a fence with a word`);
      }
      continue;
    }
    const [, indent = "", ticks = "", info = ""] = fence;
    const end = lines.findIndex((other, index) => index > at && other.trim() === ticks);
    if (end < 0) throw new SyntaxError(`line ${at + 1}: the fence is never closed`);
    const text = lines
      .slice(at + 1, end)
      .map((inner) => (inner.startsWith(indent) ? inner.slice(indent.length) : inner))
      .join("\n");
    const block = blockOf(info.trim(), text, { heading: headings.at(-1) ?? "", line: at + 1 });
    if (block !== undefined) blocks.push(block);
    at = end;
  }
  return { headings, blocks };
}

function blockOf(info: string, text: string, place: Place): Block | undefined {
  if (info === "text" || /^\w+ example(?:: .+)?$/.test(info)) return undefined;
  if (info === "sh" || info === "sh first")
    return {
      ...place,
      kind: "sh",
      text: withoutHiddenFailures(text, place),
      ...(info === "sh first" && { when: "first" as const }),
    };
  if (info === "smtp") return { ...place, kind: "smtp", text };
  if (info === "console") return { ...place, kind: "console", exchanges: exchangesOf(text, place) };
  if (fileKinds.has(info)) {
    const path = /^(?:#|dnl) (\/\S+)/.exec(text)?.[1];
    if (path !== undefined) return { ...place, kind: "file", path, text: `${text}\n` };
    throw new SyntaxError(
      `line ${place.line}: a block "${info}" must name its file in its first line, as # /etc/x, or be marked "${info} example"`,
    );
  }
  throw new SyntaxError(`line ${place.line}: no rule says how to play a block "${info}"`);
}

/** `a && b` in the middle of a block would go on when `a` failed, and a reader would not see it. */
function withoutHiddenFailures(text: string, place: Place): string {
  const lines = text.trimEnd().split("\n");
  for (const line of lines.slice(0, -1)) {
    if (/&&|\|\|/.test(line.replace(/'[^']*'|"[^"]*"/g, ""))) {
      throw new SyntaxError(
        `line ${place.line}: "${line}": && and || only in the last line of a block`,
      );
    }
  }
  return text;
}

function exchangesOf(text: string, place: Place): readonly Exchange[] {
  const exchanges: { prompt: string; command: string; output: string[] }[] = [];
  for (const line of text.split("\n")) {
    const [, prompt, command] = /^([#$]) (.+)$/.exec(line) ?? [];
    const last = exchanges.at(-1);
    if (prompt !== undefined && command !== undefined)
      exchanges.push({ prompt, command, output: [] });
    else if (last === undefined) {
      throw new SyntaxError(
        `line ${place.line}: a console block must begin with a command, # or $`,
      );
    } else last.output.push(line);
  }
  return exchanges.map((each) => ({ ...each, output: each.output.join("\n") }));
}

/** Four blanks after a blank line, outside a list. */
function isIndentedCode(lines: readonly string[], at: number): boolean {
  if (!/^ {4}\S/.test(lines[at] ?? "") || (lines[at - 1] ?? "").trim() !== "") return false;
  const above = lines.slice(0, at).findLast((line) => line.trim() !== "") ?? "";
  return !/^(\s|[-*] |\d+\. )/.test(above);
}
