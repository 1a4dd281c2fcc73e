/**
 * Whether a program printed what a page shows. Line by line the same, but for what differs from run to run: decision,
 * process and queue ids, times, durations, ages and versions. In the page, `...` stands for any text within a line, and
 * as a line of its own for any number of lines.
 * @returns undefined when it fits, else the first line of the page that was not printed.
 */
export function missingLine(page: string, printed: string): string | undefined {
  const wanted = page.trimEnd().split("\n");
  const actual = printed.trimEnd().split("\n").map(shapeOf);
  let at = 0;
  let mayskip = false;
  for (const line of wanted) {
    if (line.trim() === "...") {
      mayskip = true;
      continue;
    }
    const pattern = patternOf(line);
    while (mayskip && at < actual.length && !pattern.test(actual[at] ?? "")) at += 1;
    if (!pattern.test(actual[at] ?? "")) return line;
    at += 1;
    mayskip = false;
  }
  return mayskip || at >= actual.length ? undefined : `(nothing more, but: ${actual[at]})`;
}

const varying: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{16}\b/g, "<id>"],
  [/\b\d{4}-\d\d-\d\d(?:T[\d:.]+Z?)?/g, "<time>"],
  [/\b\d\d:\d\d:\d\d\b/g, "<time>"],
  [/\[\d+\]/g, "[<pid>]"],
  [/\b(queue|message-id)=\S+/g, "$1=<id>"],
  [/\bpid \d+/g, "pid <pid>"],
  [/\b\d+(?:\.\d+)? ?(?:ms|s|min|seconds?|minutes?)\b/g, "<duration>"],
  [/\bv?\d+\.\d+\.\d+(?:p\d+)?\b(?!\.)/g, "<version>"],
];

function shapeOf(line: string): string {
  return varying.reduce((text, [pattern, shape]) => text.replace(pattern, shape), line.trimEnd());
}

function patternOf(line: string): RegExp {
  const parts = shapeOf(line).split("...").map(escaped);
  return new RegExp(`^${parts.join(".*")}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
