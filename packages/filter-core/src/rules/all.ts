import { authenticationRules } from "./authentication.ts";
import { authorRules, unprovedRules } from "./author.ts";
import { bulkRules } from "./bulk.ts";
import { clientListRules } from "./client-lists.ts";
import { dkimRules } from "./dkim.ts";
import { dmarcDeferralRules, dmarcRules } from "./dmarc.ts";
import { formatRules } from "./format.ts";
import { fromHardRules, ourDomainRules } from "./from.ts";
import { heloHardRules, heloRules } from "./helo.ts";
import { historyRules } from "./history.ts";
import { listHardRules, listRules } from "./lists.ts";
import { reverseNameRules } from "./reverse-name.ts";
import type { Rule } from "./rule.ts";
import { scoreRules } from "./score.ts";
import { senderDeferralRules, senderHardRules, senderRules } from "./sender.ts";
import { spfRules } from "./spf.ts";
import { tlsRules } from "./tls.ts";

/** All rules, in the order of the policy's table: of two equal observations, the first one gives the reply. */
export const rules: readonly Rule[] = [
  ...clientListRules,
  ...heloHardRules,
  ...senderHardRules,
  ...listHardRules,
  ...fromHardRules,
  ...reverseNameRules,
  ...heloRules,
  ...listRules,
  ...scoreRules,
  ...senderRules,
  ...authenticationRules,
  ...spfRules,
  ...dmarcRules,
  ...unprovedRules,
  ...dkimRules,
  ...senderDeferralRules,
  ...dmarcDeferralRules,
  ...ourDomainRules,
  ...authorRules,
  ...tlsRules,
  ...formatRules,
  ...bulkRules,
  ...historyRules,
];
