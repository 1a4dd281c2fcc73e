/** One mistake and its place. Lines and columns count from 1; 0: the file as a whole. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** How many problems are shown; after fixing them, the next `check` shows the rest. */
const MAX_PROBLEMS = 20;

/** A configuration or policy file that cannot be used. `message` has one line per problem. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const unique = withoutRepeats(problems).toSorted(byPlace);
    const shown = unique.slice(0, MAX_PROBLEMS);
    const more = unique.length - shown.length;
    super([...shown.map(formatProblem), ...(more > 0 ? [`and ${more} more`] : [])].join("\n"));
    this.problems = shown;
  }
}

/** `file:line:column: message`. */
function formatProblem({ file, line, column, message }: Problem): string {
  return line === 0 ? `${file}: ${message}` : `${file}:${line}:${column}: ${message}`;
}

function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [formatProblem(problem), problem])).values()];
}

/** In the order of the files, top down. */
function byPlace(a: Problem, b: Problem): number {
  return a.file === b.file ? a.line - b.line || a.column - b.column : 0;
}
