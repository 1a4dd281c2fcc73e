import { join } from "node:path";
import { loadConfig } from "../../packages/postern/src/config/load.ts";

/** A numbered example of postmaster-2026: what must come through, and what must not. */
export interface PolicyCase {
  readonly name: string;
  /** As in `try --jsonl`. */
  readonly input: PolicyInput;
  /** Keys of postern.yaml over those of the test. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly allowed: readonly string[];
}

export interface PolicyInput {
  readonly client: { readonly ip: string; readonly auth?: string };
  readonly helo: string;
  readonly from: string;
  readonly rcpt: readonly string[];
  readonly message?: string;
  readonly dns: Readonly<Record<string, unknown>>;
}

const { expectations } = await loadConfig({
  cwd: join(import.meta.dirname),
  systemFile: null,
  hostname: "mx.example.org",
});

/** The 22 cases, some of them in several shapes, read from the policy file itself. */
export const policyCases: readonly PolicyCase[] = expectations
  .filter(({ name }) => /^\(\d+\) /.test(name))
  .map(({ name, input, config, allowed }) => ({
    name,
    input: withTestEntries(input as PolicyInput, config as WithLists),
    config: (config ?? {}) as PolicyCase["config"],
    allowed: allowed.map(({ action }) => action),
  }));

interface WithLists {
  readonly lists?: readonly { readonly zone: string }[];
}

/** `try` takes lists as healthy; a daemon asks for their test entry first (RFC 5782 section 5). */
function withTestEntries(input: PolicyInput, config: WithLists | undefined): PolicyInput {
  const entries = (config?.lists ?? []).map(({ zone }) => [
    `2.0.0.127.${zone}`,
    { A: ["127.0.0.2"] },
  ]);
  return { ...input, dns: { ...input.dns, ...Object.fromEntries(entries) } };
}
