import type { Policy } from "@postern/filter-core";
import { loadConfig } from "../../packages/postern/src/config/load.ts";
import { goalsOf } from "./reputation/goals.ts";
import { GROUPS, type Group } from "./reputation/mail.ts";
import { type End, play } from "./reputation/play.ts";
import { type Figures, figuresOf, replayChanges } from "./reputation/shares.ts";
import { makeTraffic } from "./reputation/traffic.ts";

/** What is compared. */
interface Arm {
  readonly name: string;
  readonly markRate: number;
  readonly policy: Policy;
}

export interface BenchOptions {
  readonly seeds: readonly number[];
  /** Of the number of senders, 1: the full run. */
  readonly size: number;
}

/**
 * Made-up traffic against the default policy, with and without what users' marks cost, by how many users mark. Not one
 * packet is sent.
 *
 * @returns whether every goal is reached.
 */
export async function benchReputation(
  say: (line: string) => void,
  { seeds, size }: BenchOptions,
): Promise<boolean> {
  const { policy } = await loadConfig({ cwd: "/", systemFile: null, hostname: "mx.example.org" });
  const arms = armsOf(policy);
  const runs = new Map<Arm, Run[]>(arms.map((arm) => [arm, []]));
  const changes: number[] = [];
  for (const seed of seeds) {
    const traffic = makeTraffic(seed, size);
    const spam = traffic.filter(({ isSpam }) => isSpam).length;
    say(`seed ${seed}: ${traffic.length - spam} good messages and ${spam} of spam in 30 days`);
    for (const arm of arms) {
      const ends = await play(traffic, arm.policy, arm);
      runs.get(arm)?.push({ all: figuresOf(ends), byGroup: byGroup(ends) });
    }
    changes.push(await replayChanges(traffic, policy));
  }
  tellAll(say, arms, runs);
  tellGroups(say, arms, runs);
  const goals = goalsOf(
    (name) => (runs.get(find(arms, name)) ?? []).map(({ all }) => all),
    (name, group) =>
      (runs.get(find(arms, name)) ?? []).flatMap((run) => run.byGroup.get(group) ?? []),
    changes,
  );
  say("");
  for (const { text, isReached } of goals) say(`${isReached ? "reached" : "MISSED "}  ${text}`);
  return goals.every(({ isReached }) => isReached);
}

interface Run {
  readonly all: Figures;
  readonly byGroup: ReadonlyMap<Group, Figures>;
}

function armsOf(policy: Policy): readonly Arm[] {
  const { reputation } = policy;
  if (reputation === undefined) throw new TypeError("the default policy learns nothing");
  const { complaints: _1, ...withoutComplaints } = reputation;
  const { clean: _2, ...caps } = policy.caps;
  const before = { ...policy, caps, reputation: withoutComplaints };
  return [
    { name: "3 %, without complaints", markRate: 0.03, policy: before },
    { name: "10 %, without complaints", markRate: 0.1, policy: before },
    ...[1, 3, 10, 30].map((percent) => ({ name: `${percent} %`, markRate: percent / 100, policy })),
  ];
}

function find(arms: readonly Arm[], name: string): Arm {
  const arm = arms.find((one) => one.name === name);
  if (arm === undefined) throw new RangeError(`Cannot find the arm ${name}`);
  return arm;
}

function byGroup(ends: readonly End[]): ReadonlyMap<Group, Figures> {
  const groups = Map.groupBy(ends, ({ mail }) => mail.group);
  return new Map([...groups].map(([group, some]) => [group, figuresOf(some)]));
}

function tellAll(
  say: (line: string) => void,
  arms: readonly Arm[],
  runs: ReadonlyMap<Arm, readonly Run[]>,
): void {
  say("");
  say("| users who mark | good refused | good junk | good delayed | spam let in | spam as junk |");
  say("|---|---:|---:|---:|---:|---:|");
  for (const arm of arms) {
    const all = (runs.get(arm) ?? []).map((run) => run.all);
    const cells = (["goodRefused", "goodJunk", "goodDelayed", "spamIn", "spamJunk"] as const).map(
      (figure) => meanAndSpread(all.map((one) => one[figure])),
    );
    say(`| ${[arm.name, ...cells].join(" | ")} |`);
  }
}

function tellGroups(
  say: (line: string) => void,
  arms: readonly Arm[],
  runs: ReadonlyMap<Arm, readonly Run[]>,
): void {
  say("");
  say(
    `| group: good mail refused, as junk; spam let in | ${arms.map(({ name }) => name).join(" | ")} |`,
  );
  say(`|---|${arms.map(() => "---:|").join("")}`);
  for (const group of GROUPS) {
    const cells = arms.map((arm) => {
      const some = (runs.get(arm) ?? []).flatMap((run) => run.byGroup.get(group) ?? []);
      const mean = (figure: keyof Figures): string =>
        percent(some.reduce((sum, one) => sum + one[figure], 0) / Math.max(1, some.length));
      return some.some(({ good }) => good > 0)
        ? `${mean("goodRefused")}, ${mean("goodJunk")}`
        : mean("spamIn");
    });
    say(`| ${[group, ...cells].join(" | ")} |`);
  }
}

/** Over the seeds: the mean, the least and the greatest. */
function meanAndSpread(shares: readonly number[]): string {
  const mean = shares.reduce((sum, one) => sum + one, 0) / Math.max(1, shares.length);
  return `${percent(mean)} (${percent(Math.min(...shares))} to ${percent(Math.max(...shares))})`;
}

function percent(share: number): string {
  const part = 100 * share;
  return `${part.toFixed(part > 0 && part < 10 ? 2 : 1)} %`;
}
