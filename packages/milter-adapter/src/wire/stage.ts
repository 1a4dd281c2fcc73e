/** The commands macros can belong to, in the order of a session. */
export type Stage =
  | "connect"
  | "helo"
  | "mail"
  | "rcpt"
  | "data"
  | "header"
  | "end-of-headers"
  | "body"
  | "end-of-message"
  | "unknown";

/** The SMFIC letter of each stage (mfdef.h), in the order of a session. */
export const STAGE_LETTERS: readonly (readonly [Stage, string])[] = [
  ["connect", "C"],
  ["helo", "H"],
  ["mail", "M"],
  ["rcpt", "R"],
  ["data", "T"],
  ["header", "L"],
  ["end-of-headers", "N"],
  ["body", "B"],
  ["end-of-message", "E"],
  ["unknown", "U"],
];

const byLetter = new Map(STAGE_LETTERS.map(([stage, letter]) => [letter, stage]));
const byStage = new Map(STAGE_LETTERS);

/** The stage a letter stands for, or null where it stands for none. */
export function stageOf(letter: string): Stage | null {
  return byLetter.get(letter) ?? null;
}

/** The SMFIC letter of a stage. */
export function letterOf(stage: Stage): string {
  return byStage.get(stage) ?? "?";
}

/** Whether macros can belong to a command of this name. */
export function isStage(name: string): name is Stage {
  return byStage.has(name as Stage);
}
