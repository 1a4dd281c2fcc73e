import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type ComplaintKind, complaintField, complaintIncrement } from "@postern/filter-core";
import { openStateStore } from "@postern/state-store";
import { loadConfig } from "../../packages/postern/src/config/load.ts";
import { rowForScore } from "../../packages/postern/src/learn/row-for-score.ts";
import type { Scenario } from "./scenario.ts";

const DAY_S = 86_400;
let serial = 0;

/**
 * The `state` of postern.yaml for a row: none, or a file of its own, in which a store remembers what the row says.
 *
 * @param folder where the file may lie; every user may write it, whoever the filter runs as.
 */
export async function stateFor(
  { remembered, client, from }: Pick<Scenario, "client" | "from"> & Partial<Scenario>,
  folder: string,
): Promise<string> {
  if (remembered === undefined) return "none";
  serial += 1;
  const own = join(folder, `state-${serial}`);
  await mkdir(own);
  await chmod(own, 0o777);
  const path = join(own, "state.db");
  const { policy } = await loadConfig({ cwd: own, systemFile: null, hostname: "mx.example.org" });
  if (policy.reputation === undefined) throw new Error("the default policy learns nothing");
  const { reputation } = policy;
  const nowMs = Date.now();
  const today = Math.floor(nowMs / 1000 / DAY_S);
  const common = { day: today, ttlSeconds: 30 * DAY_S };
  await using store = await openStateStore(
    { kind: "sqlite", path },
    { readDeadlineMs: 5_000, beginDeadlineMs: 30_000 },
  );
  store.write(
    Object.entries(remembered.reputation).map(([key, score]) => ({
      ...common,
      key,
      add: rowForScore(score, reputation, today),
    })),
  );
  const halfLifeDays = reputation.complaints?.halfLifeDays ?? 0;
  const counter = (kind: ComplaintKind, amount: number): Readonly<Record<string, number>> => ({
    [complaintField(kind, halfLifeDays)]: complaintIncrement(amount, today, halfLifeDays),
  });
  store.write(
    Object.entries(remembered.complaints ?? {}).map(([key, { inbox, spam }]) => ({
      ...common,
      key,
      add: { ...counter("inbox", inbox), ...counter("spam", spam) },
    })),
  );
  if (remembered.seen === "retry") {
    const domain = from.slice(from.lastIndexOf("@") + 1);
    const network = client.ip.replace(/\.\d+$/, ".0/24");
    const long = { first: nowMs - 2 * DAY_S * 1000, tries: 10 };
    const lately = { first: nowMs - 600_000, tries: 1 };
    store.write([
      { ...common, key: `fault:address:${client.ip}`, set: long },
      { ...common, key: `deferral:${domain}`, set: lately },
      { ...common, key: `deferral:${network}:${domain}`, set: lately },
    ]);
  }
  await store.flush();
  for (const end of ["", "-wal", "-shm"]) await chmod(`${path}${end}`, 0o666).catch(() => {});
  return `sqlite:${path}`;
}
