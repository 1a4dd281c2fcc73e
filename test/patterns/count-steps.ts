import { type AST, RegExpParser } from "@eslint-community/regexpp";

/** How a pattern went over a text: the end of its last match or -1, how many matches, and the steps it took. */
export interface Run {
  readonly matches: number;
  readonly lastEnd: number;
  readonly steps: number;
}

class TooManySteps extends Error {}

type Next = (at: number) => boolean;
type Matcher = (at: number, next: Next) => boolean;

const parser = new RegExpParser({ ecmaVersion: 2025 });

/** @throws {SyntaxError} if it is no pattern. */
export function parsePattern(source: string, flags: string): AST.Pattern {
  return parser.parsePattern(source, 0, source.length, {
    unicode: flags.includes("u"),
    unicodeSets: flags.includes("v"),
  });
}

/**
 * Makes the function that runs a pattern over a text the way a backtracking engine does, alternatives and repetitions
 * in the order that ECMAScript prescribes (section 22.2.2), from every start, and counts each character that it tries.
 * V8 takes the same way with some of it left out, so its work is at most a constant times these steps, and they are
 * the same on every machine.
 *
 * @param mostSteps from here on it is given up.
 * @throws {RangeError} for what cannot be counted: back references.
 */
export function stepCounter(
  source: string,
  flags: string,
  mostSteps: number = Number.POSITIVE_INFINITY,
): (text: string) => Run {
  const tree = parsePattern(source, flags);
  const isGlobal = flags.includes("g");
  const isSticky = flags.includes("y");
  let text = "";
  let steps = 0;

  const anyOf = (alternatives: readonly AST.Alternative[]): Matcher => {
    const matchers = alternatives.map(({ elements }) => sequence(elements));
    const [only] = matchers;
    if (matchers.length === 1 && only !== undefined) return only;
    return (at, next) => matchers.some((matcher) => matcher(at, next));
  };

  const sequence = (elements: readonly AST.Element[]): Matcher =>
    elements.map(element).reduceRight<Matcher>(
      (rest, first) => (at, next) => first(at, (after) => rest(after, next)),
      (at, next) => next(at),
    );

  const element = (node: AST.Element): Matcher => {
    switch (node.type) {
      case "Group":
      case "CapturingGroup":
        return anyOf(node.alternatives);
      case "Character":
      case "CharacterClass":
      case "CharacterSet":
      case "ExpressionCharacterClass": {
        const has = one(node);
        return (at, next) => has(at) && next(at + 1);
      }
      case "Quantifier":
        return repeat(node);
      case "Assertion":
        return assertion(node);
      default:
        throw new RangeError(`Cannot count the steps of ${node.raw}: allowed is no back reference`);
    }
  };

  const one = (node: AST.Element): ((at: number) => boolean) => {
    const has = characterTest(node, flags);
    return (at) => {
      steps += 1;
      if (steps > mostSteps) throw new TooManySteps();
      return at < text.length && has(text.charCodeAt(at));
    };
  };

  const repeat = ({ element: inner, min, max, greedy }: AST.Quantifier): Matcher => {
    if (isCharacter(inner)) {
      const has = one(inner);
      return greedy ? greedily(has, min, max) : lazily(has, min, max);
    }
    const matcher = element(inner);
    const from = (count: number, at: number, next: Next): boolean => {
      const again = (): boolean =>
        count < max &&
        matcher(at, (after) => (after > at || count < min) && from(count + 1, after, next));
      if (count < min) return again();
      return greedy ? again() || next(at) : next(at) || again();
    };
    return (at, next) => from(0, at, next);
  };

  const greedily =
    (has: (at: number) => boolean, min: number, max: number): Matcher =>
    (at, next) => {
      let count = 0;
      while (count < max && has(at + count)) count += 1;
      for (; count >= min; count -= 1) if (next(at + count)) return true;
      return false;
    };

  const lazily =
    (has: (at: number) => boolean, min: number, max: number): Matcher =>
    (at, next) => {
      for (let count = 0; ; count += 1) {
        if (count >= min && next(at + count)) return true;
        if (count >= max || !has(at + count)) return false;
      }
    };

  const assertion = (node: AST.Assertion): Matcher => {
    if (node.kind === "lookahead" || node.kind === "lookbehind") {
      const matcher = anyOf(node.alternatives);
      const holds = (at: number): boolean => {
        if (node.kind === "lookahead") return matcher(at, () => true);
        for (let from = at; from >= 0; from -= 1) if (matcher(from, (to) => to === at)) return true;
        return false;
      };
      return (at, next) => holds(at) !== node.negate && next(at);
    }
    const holds = edgeTest(node, flags);
    return (at, next) => {
      steps += 1;
      return holds(text, at) && next(at);
    };
  };

  const matcher = anyOf(tree.alternatives);
  return (given) => {
    text = given;
    steps = 0;
    let matches = 0;
    let lastEnd = -1;
    for (let start = 0; start <= text.length; ) {
      let end = -1;
      try {
        matcher(start, (at) => {
          end = at;
          return true;
        });
      } catch (error) {
        if (error instanceof TooManySteps) return { matches, lastEnd, steps };
        throw error;
      }
      if (end !== -1) {
        matches += 1;
        lastEnd = end;
        if (!isGlobal) break;
      } else if (isSticky) break;
      start = Math.max(start + 1, end);
    }
    return { matches, lastEnd, steps };
  };
}

/** Whether a part of a pattern stands for one character. */
export function isCharacter(node: AST.Element): boolean {
  return ["Character", "CharacterClass", "CharacterSet", "ExpressionCharacterClass"].includes(
    node.type,
  );
}

/** Which characters a part of a pattern stands for: as the engine itself sees it. */
export function characterTest(node: AST.Element, flags: string): (code: number) => boolean {
  const alone = new RegExp(`^(?:${node.raw})$`, flags.replace(/[gym]/g, ""));
  const known = new Map<number, boolean>();
  return (code) => {
    const answer = known.get(code) ?? alone.test(String.fromCharCode(code));
    known.set(code, answer);
    return answer;
  };
}

function edgeTest(
  { kind, ...node }: AST.EdgeAssertion | AST.WordBoundaryAssertion,
  flags: string,
): (text: string, at: number) => boolean {
  const isLineEnd = (text: string, at: number): boolean =>
    flags.includes("m") && /[\n\r\u2028\u2029]/.test(text.charAt(at));
  const isWord = (text: string, at: number): boolean => /\w/.test(text.charAt(at));
  switch (kind) {
    case "start":
      return (text, at) => at === 0 || isLineEnd(text, at - 1);
    case "end":
      return (text, at) => at === text.length || isLineEnd(text, at);
    default: {
      const { negate } = node as AST.WordBoundaryAssertion;
      return (text, at) => (isWord(text, at - 1) !== isWord(text, at)) !== negate;
    }
  }
}
