import { analyse } from "scslre";
import { stepCounter } from "./count-steps.ts";
import { type PumpedText, pumped, pumpedTexts } from "./pumped-texts.ts";

/** Twice the text is twice the work, and a little more where the ends cost something. */
const MOST_FOR_TWICE = 2.5;
const SHORT = 40;
const LONG = 400;
/** From here on it is not linear, whatever comes. */
const MAX_STEPS = 1_000_000;

/** How a pattern's work grows faster than its text. */
export interface Growth {
  /** undefined where only the analysis of its structure says so. */
  readonly text?: PumpedText;
  readonly why: string;
}

/**
 * Looks for a text whose work grows faster than its length: counted on pumped texts, each run held against V8's own,
 * and read from the pattern's structure (scslre). Neither needs a clock.
 *
 * @throws {Error} if counting and V8 do not match alike, so that nothing counted can be believed.
 */
export function growthOf(source: string, flags: string): Growth | undefined {
  const run = counterOf(source, flags);
  if (typeof run === "string") return { why: run };
  const stepsOf = (text: string): number => {
    const { steps, matches, lastEnd } = run(text);
    if (steps <= MAX_STEPS) holdAgainstV8(source, flags, text, { matches, lastEnd });
    return steps;
  };
  for (const text of pumpedTexts(source, flags)) {
    const short = stepsOf(pumped(text, SHORT));
    if (short > MAX_STEPS) return { text, why: `more than ${MAX_STEPS} steps` };
    if (stepsOf(pumped(text, 2 * SHORT)) <= MOST_FOR_TWICE * short) continue;
    const long = stepsOf(pumped(text, LONG));
    const twice = stepsOf(pumped(text, 2 * LONG));
    if (twice > MAX_STEPS || twice > MOST_FOR_TWICE * long)
      return { text, why: `${long} steps, then ${twice}` };
  }
  const [report] = analyse({ source, flags }).reports;
  return report === undefined ? undefined : { why: `${report.type} by its structure` };
}

function counterOf(source: string, flags: string): ReturnType<typeof stepCounter> | string {
  try {
    return stepCounter(source, flags, MAX_STEPS);
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function holdAgainstV8(
  source: string,
  flags: string,
  text: string,
  counted: { readonly matches: number; readonly lastEnd: number },
): void {
  let matches = 0;
  let lastEnd = -1;
  const pattern = new RegExp(source, flags);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    matches += 1;
    lastEnd = match.index + match[0].length;
    if (!pattern.global) break;
    if (match[0] === "") pattern.lastIndex += 1;
  }
  if (matches !== counted.matches || lastEnd !== counted.lastEnd)
    throw new Error(
      `Cannot count /${source}/${flags} on ${JSON.stringify(text)}: V8 matches otherwise`,
    );
}
