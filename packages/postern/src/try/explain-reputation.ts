import { type Facts, formatPoints } from "@postern/filter-core";
import { unreachable } from "@postern/smtp-filter";

/** What a store said, one line each. */
export function recalled({
  reputation,
  complaints = {},
  correspondents,
  seen,
}: Facts): readonly string[] {
  return [
    ...(reputation === undefined ? [] : scoreLines(reputation)),
    ...Object.entries(complaints).map(
      ([key, { inbox, spam }]) =>
        `of ${key} users marked ${formatPoints(spam)} as spam of ${formatPoints(inbox)} delivered lately`,
    ),
    ...(correspondents === undefined
      ? []
      : [`a user here has written to the author: ${wrote(correspondents)}`]),
    ...(seen === undefined ? [] : [`tried before: ${tried(seen)}`]),
  ];
}

function scoreLines(reputation: NonNullable<Facts["reputation"]>): readonly string[] {
  const scores = Object.entries(reputation);
  if (scores.length === 0) return ["reputation: unknown"];
  return scores.map(([key, score]) => `reputation of ${key}: ${formatPoints(score)} of 100`);
}

function wrote(correspondents: NonNullable<Facts["correspondents"]>): string {
  switch (correspondents) {
    case "address":
      return "yes, to this address";
    case "domain":
      return "yes, to this domain";
    case "none":
      return "no";
    case "temperror":
      return "lookup failed; not evidence";
    default:
      return unreachable(correspondents);
  }
}

function tried({ deferral }: NonNullable<Facts["seen"]>): string {
  if (deferral === "first") return "no";
  if (deferral === "passed") return "yes, and it was retried in time once";
  const { firstSecondsAgo, tries } = deferral;
  return `${tries} times, first ${Math.round(firstSecondsAgo / 60)} minutes ago`;
}
