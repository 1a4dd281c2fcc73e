/** A fenced block of a page. */
export interface CodeBlock {
  readonly file: string;
  /** Of the fence, from 1: the text begins one line below. */
  readonly line: number;
  /** The first word behind the fence: `ts`, `sh`. */
  readonly language: string;
  /** The other words: `example: needs root`. */
  readonly note: string;
  readonly text: string;
}

/**
 * The fenced blocks of a page, in their order.
 * @throws {SyntaxError} naming file and line, where a fence is never closed.
 */
export function codeBlocks(file: string, markdown: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = markdown.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const [, indent = "", fence, info = ""] = /^(\s*)(`{3,})(.*)$/.exec(lines[at] ?? "") ?? [];
    if (fence === undefined) continue;
    const end = lines.findIndex((line, index) => index > at && line.trim() === fence);
    if (end < 0) throw new SyntaxError(`${file}:${at + 1}: the fence is never closed`);
    const [, language = "", note = ""] = /^(\S*)\s*(.*)$/.exec(info.trim()) ?? [];
    const inner = lines.slice(at + 1, end);
    const text = inner.map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    blocks.push({ file, line: at + 1, language, note, text: `${text.join("\n")}\n` });
    at = end;
  }
  return blocks;
}
