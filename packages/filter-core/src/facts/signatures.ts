import type { DkimFact } from "./authentication.ts";

/** Whether any signature passes. */
export function anyPasses(dkim: readonly DkimFact[]): boolean {
  return dkim.some(({ result }) => result === "pass");
}

/** Whether a signature could not be checked, so that it may still pass. */
export function isUnknown({ result }: DkimFact): boolean {
  return result === "temperror";
}
