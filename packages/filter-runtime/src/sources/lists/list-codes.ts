type Range = readonly [from: number, to: number];

/** What a list's answers mean: the labels of those that a pattern fits, each once, in the order of the patterns. */
export type LabelsOf = (answers: readonly (readonly number[])[]) => readonly string[];

/**
 * Compiles a map from patterns of answers to labels: `127.0.0.2`, `127.0.0.4-7`, `127.0.*.2`.
 *
 * @throws {RangeError} if a key is not a pattern.
 */
export function compileCodes(codes: Readonly<Record<string, string>>): LabelsOf {
  const patterns = Object.entries(codes).map(
    ([pattern, label]) => [compilePattern(pattern), label] as const,
  );
  return (answers) => {
    const labels = patterns
      .filter(([ranges]) => answers.some((octets) => fits(ranges, octets)))
      .map(([, label]) => label);
    return [...new Set(labels)];
  };
}

function compilePattern(pattern: string): readonly Range[] {
  const ranges = pattern.split(".").map(compileRange);
  const known = ranges.filter((range) => range !== undefined);
  if (known.length !== 4 || ranges.length !== 4)
    throw new RangeError(`Cannot read the code ${pattern}: a pattern is like 127.0.*.4-7`);
  return known;
}

function compileRange(text: string): Range | undefined {
  if (text === "*") return [0, 255];
  const [, from, to = from] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(text) ?? [];
  return from === undefined ? undefined : [Number(from), Number(to)];
}

function fits(ranges: readonly Range[], octets: readonly number[]): boolean {
  return ranges.every(([from, to], i) => {
    const octet = octets[i] ?? Number.NaN;
    return from <= octet && octet <= to;
  });
}
