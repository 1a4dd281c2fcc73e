import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scenario } from "./scenario.ts";

/** A folder of its own with a postern.yaml; JSON is YAML. */
export async function withConfigFile<T>(
  config: Readonly<Record<string, unknown>>,
  action: (file: string, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "postern-scenario-"));
  try {
    const file = join(folder, "postern.yaml");
    await writeFile(file, JSON.stringify(config));
    return await action(file, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The scenario as a line of `try --jsonl`. */
export function caseOf({ client, helo, from, rcpt, message, dns, remembered }: Scenario): unknown {
  return {
    client: {
      ip: client.ip,
      ...(client.user === undefined ? {} : { auth: client.user }),
      ...(client.listener === "submission" ? { localPort: 587 } : {}),
      ...(client.tls === undefined ? {} : { tls: client.tls === "used" }),
    },
    helo,
    from,
    rcpt,
    message,
    dns,
    ...remembered,
  };
}
