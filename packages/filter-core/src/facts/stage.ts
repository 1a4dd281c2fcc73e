/** The stages of one SMTP conversation at which something can be decided or told, in order. */
export const STAGES = ["connect", "helo", "mail", "rcpt", "message"] as const;

/** `message` is the end of data. */
export type Stage = (typeof STAGES)[number];

/** Whether `a` comes before `b`. */
export function isBefore(a: Stage, b: Stage): boolean {
  return STAGES.indexOf(a) < STAGES.indexOf(b);
}

/** The latest of the stages given; `connect` where there is none. */
export function latestOf(...stages: readonly Stage[]): Stage {
  return STAGES.findLast((stage) => stages.includes(stage)) ?? "connect";
}
