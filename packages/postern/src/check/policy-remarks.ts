import { isBefore, type Policy, restsOnWords } from "@postern/filter-core";
import type { Config } from "../config/config-types.ts";
import { type Remark, warning } from "./remark.ts";

/** Who slows more clients than that at a time is not asked to wait (POLICY.md section 4). */
const MAX_SLOW_CLIENTS = 20;

/** What is legal in a policy and will hurt all the same. */
export function policyRemarks(config: Config): readonly Remark[] {
  const { policy } = config;
  const lasting = Object.keys(policy.rules).filter((id) => policy.rules[id]?.reply.code === 421);
  return [
    ...(Object.keys(policy.rules).length === 0
      ? [warning("the policy has no rule at all: does its file lack `extends: postmaster-2026`?")]
      : []),
    ...stageRemarks(config),
    ...(lasting.length > 0
      ? [
          warning(
            `421 is a temporary code for a lasting fault: honest senders queue for days; give a reply of 550 to ${lasting.join(", ")}`,
          ),
        ]
      : []),
    ...scoreRemarks(config),
    ...borrowedEntries(policy),
  ];
}

/** So many are named; a file may hold thousands. */
const MAX_NAMED = 3;

/** What anybody may say of himself, and is believed. */
function borrowedEntries({ allow }: Policy): readonly Remark[] {
  const open = allow.filter(
    ({ proof, selectors }) => proof === "waived" && restsOnWords(selectors),
  );
  if (open.length === 0) return [];
  const named = open.slice(0, MAX_NAMED).map(({ text }) => text);
  const more = open.length - named.length;
  return [
    warning(
      `allow: ${named.join("; ")}${more > 0 ? ` and ${more} more` : ""}: unproved, so whoever uses that name is forgiven his debts; leave out unproved: true, or name the client's address`,
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
            "refuseAt is connect and no submission port is declared: your own users are refused before they can log in; declare submission: { ports: [465, 587] }, or set refuseAt: rcpt",
          ),
        ]
      : []),
    warning(
      `refuseAt is ${refuseAt}: postmaster@ and abuse@ cannot be kept open (RFC 5321 section 4.5.1); refuseAt: rcpt keeps them open`,
    ),
  ];
}

function scoreRemarks({ policy, scoreZones, limits }: Config): readonly Remark[] {
  const { refuseAt, slowFactorMs } = policy;
  const tellAt = policy.rules["score.low"]?.tellAt;
  return [
    ...(tellAt !== undefined && isBefore(tellAt, refuseAt)
      ? [
          warning(
            `blockPhase is ${tellAt}, but refuseAt is ${refuseAt}: a low score is told at ${refuseAt}; set refuseAt: ${tellAt}, or blockPhase: ${refuseAt}`,
          ),
        ]
      : []),
    ...(restsOnScores(policy) && scoreZones.length === 0
      ? [
          warning(
            "the policy refuses, marks or slows by score, and no score zone is set: nobody has a score; set scores: [{ zone: score.senderscore.com }]",
          ),
        ]
      : []),
    ...(slowFactorMs > 0 && limits.connections > MAX_SLOW_CLIENTS
      ? [
          warning(
            `slowFactor is ${slowFactorMs}: each client that waits holds a process of the mail server, ${MAX_SLOW_CLIENTS} at most, and all others are not slowed; on a busy server set slowFactor: 0`,
          ),
        ]
      : []),
  ];
}

/** Whether scores are the policy's own matter, and not one debt among others. */
function restsOnScores({ rules, slowFactorMs, scoreHeader }: Policy): boolean {
  const tiers = rules["score.low"]?.tiers ?? [];
  return slowFactorMs > 0 || scoreHeader || tiers.some((tier) => "action" in tier);
}
