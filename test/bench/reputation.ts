import { loadConfig } from "../../packages/postern/src/config/load.ts";
import { GROUPS, type Group, type Sources } from "./reputation/mail.ts";
import { type End, play } from "./reputation/play.ts";
import { DAYS, makeTraffic } from "./reputation/traffic.ts";

const ARMS: readonly (readonly [name: string, sources: Sources])[] = [
  ["no reputation", { hasScores: false, hasStore: false }],
  ["external score only", { hasScores: true, hasStore: false }],
  ["ours", { hasScores: false, hasStore: true }],
  ["ours and the score", { hasScores: true, hasStore: true }],
];

/** Made-up traffic against the default policy, with and without what can be learned. Not one packet is sent. */
export async function benchReputation(say: (line: string) => void, seed: number): Promise<void> {
  const { policy } = await loadConfig({ cwd: "/", systemFile: null, hostname: "mx.example.org" });
  const traffic = makeTraffic(seed);
  const spam = traffic.filter(({ isSpam }) => isSpam).length;
  say(`seed ${seed}: ${DAYS} days, ${traffic.length - spam} good messages and ${spam} of spam`);
  const results = ARMS.map(([name, sources]) => [name, play(traffic, policy, sources)] as const);

  say("");
  say(
    "| all mail | good refused | good as junk | good delayed | mean delay, min | spam let in | spam as junk |",
  );
  say("|---|---:|---:|---:|---:|---:|---:|");
  for (const [name, ends] of results) {
    const [good, bad] = [ends.filter(isGood), ends.filter((end) => !isGood(end))];
    const late = good.filter(isDelayed);
    const minutes =
      late.reduce((sum, { delayMs }) => sum + delayMs / 60_000, 0) / (late.length || 1);
    const cells = [
      ...[share(good, isRefused), share(good, isJunk), share(good, isDelayed), minutes.toFixed(0)],
      ...[share(bad, isAccepted), share(bad, isJunk)],
    ];
    say(`| ${[name, ...cells].join(" | ")} |`);
  }

  say("");
  say(
    `| group: good mail refused, as junk, delayed; spam let in, as junk | ${ARMS.map(([name]) => name).join(" | ")} |`,
  );
  say(`|---|${ARMS.map(() => "---:|").join("")}`);
  for (const group of GROUPS) {
    const cells = results.map(([, ends]) => cellOf(group, ends));
    say(`| ${[`${group} (${countOf(group, results[0]?.[1] ?? [])})`, ...cells].join(" | ")} |`);
  }
}

function cellOf(group: Group, all: readonly End[]): string {
  const ends = all.filter(({ mail }) => mail.group === group);
  return ends.some(isGood)
    ? [isRefused, isJunk, isDelayed].map((is) => share(ends, is)).join(", ")
    : [isAccepted, isJunk].map((is) => share(ends, is)).join(", ");
}

function countOf(group: Group, all: readonly End[]): number {
  return all.filter(({ mail }) => mail.group === group).length;
}

function share(ends: readonly End[], is: (end: End) => boolean): string {
  const part = (100 * ends.filter(is).length) / Math.max(1, ends.length);
  return `${part.toFixed(part > 0 && part < 10 ? 2 : 1)} %`;
}

function isGood({ mail }: End): boolean {
  return !mail.isSpam;
}

function isRefused({ ending }: End): boolean {
  return ending === "refused" || ending === "given up";
}

function isJunk({ ending }: End): boolean {
  return ending === "junk";
}

function isAccepted({ ending }: End): boolean {
  return ending === "accepted";
}

function isDelayed({ ending, delayMs }: End): boolean {
  return ending !== "refused" && ending !== "given up" && delayMs > 0;
}
