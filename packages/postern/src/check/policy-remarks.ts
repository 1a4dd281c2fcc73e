import { isBefore, type Policy, restsOnWords } from "@postern/filter-core";
import type { Config } from "../config/config-types.ts";
import { type Remark, warning } from "./remark.ts";

/** At most this many clients are slowed at a time. */
const MAX_SLOW_CLIENTS = 20;

/** Settings of a policy that are valid but risky. */
export function policyRemarks(config: Config): readonly Remark[] {
  const { policy } = config;
  const lasting = Object.keys(policy.rules).filter((id) => policy.rules[id]?.reply.code === 421);
  return [
    ...(Object.keys(policy.rules).length === 0
      ? [warning("the policy has no rules: add `extends: postmaster-2026` to its file")]
      : []),
    ...stageRemarks(config),
    ...(lasting.length > 0
      ? [
          warning(
            `421 is a temporary code for a permanent fault, so legitimate senders queue for days: use a 550 reply for ${lasting.join(", ")}`,
          ),
        ]
      : []),
    ...scoreRemarks(config),
    ...borrowedEntries(policy),
  ];
}

/** So many are named; a file may hold thousands. */
const MAX_NAMED = 3;

/** Allow entries that anybody can match by claiming a name. */
function borrowedEntries({ allow }: Policy): readonly Remark[] {
  const open = allow.filter(
    ({ proof, selectors }) => proof === "waived" && restsOnWords(selectors),
  );
  if (open.length === 0) return [];
  const named = open.slice(0, MAX_NAMED).map(({ text }) => text);
  const more = open.length - named.length;
  return [
    warning(
      `allow: ${named.join("; ")}${more > 0 ? ` and ${more} more` : ""}: unproved, so anybody who uses that name has no debts: remove unproved: true, or allow the client's address instead`,
    ),
  ];
}

function stageRemarks({ policy, submission }: Config): readonly Remark[] {
  const { refuseAt } = policy;
  if (refuseAt === "rcpt") return [];
  const hasSubmission = submission.ports.length + submission.daemonNames.length > 0;
  return [
    ...(refuseAt === "connect" && !hasSubmission
      ? [
          warning(
            "refuseAt is connect, but no submission port is declared: your own users are refused before they can authenticate; set submission: { ports: [465, 587] }, or set refuseAt: rcpt",
          ),
        ]
      : []),
    warning(
      `refuseAt is ${refuseAt}: postmaster@ and abuse@ cannot be exempted (RFC 5321 section 4.5.1); set refuseAt: rcpt to exempt them`,
    ),
  ];
}

function scoreRemarks({ policy, scores, limits }: Config): readonly Remark[] {
  const { refuseAt, slowFactorMs } = policy;
  const tellAt = policy.rules["score.low"]?.tellAt;
  return [
    ...(tellAt !== undefined && isBefore(tellAt, refuseAt)
      ? [
          warning(
            `blockPhase is ${tellAt}, but refuseAt is ${refuseAt}: a low score is refused at ${refuseAt}; set refuseAt: ${tellAt}, or blockPhase: ${refuseAt}`,
          ),
        ]
      : []),
    ...(restsOnScores(policy) && scores.length === 0
      ? [
          warning(
            "the policy uses scores, but no score zone is configured, so no client has a score; set scores: [{ zone: score.senderscore.com }]",
          ),
        ]
      : []),
    ...(slowFactorMs > 0 && limits.connections > MAX_SLOW_CLIENTS
      ? [
          warning(
            `slowFactor is ${slowFactorMs}: each slowed client holds a process of the mail server (at most ${MAX_SLOW_CLIENTS} at a time, others are not slowed); on a busy server set slowFactor: 0`,
          ),
        ]
      : []),
  ];
}

/** Whether the policy needs scores, and not only as one debt among others. */
function restsOnScores({ rules, slowFactorMs, scoreHeader }: Policy): boolean {
  const tiers = rules["score.low"]?.tiers ?? [];
  return slowFactorMs > 0 || scoreHeader || tiers.some((tier) => "action" in tier);
}
