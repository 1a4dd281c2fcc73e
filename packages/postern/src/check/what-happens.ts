import type { Mode, Policy } from "@postern/filter-core";

const WORDS: Readonly<Record<Mode, string>> = {
  observe: "nothing is refused or marked; the log says what enforce would do",
  junk: "nothing is refused; what enforce would refuse is marked as junk",
  enforce: "mail is refused, deferred and marked as the policy says",
};

/** What will happen to mail, in one line. */
export function whatHappens({ mode, recipients }: Policy): string {
  const others = new Set(recipients.map((entry) => entry.mode));
  others.delete(mode);
  const own = others.size === 0 ? "" : ` (but ${[...others].join(", ")} for some recipients)`;
  return `mode ${mode}: ${WORDS[mode]}${own}`;
}
