import type { Rule } from "../rule.ts";
import { clientListRules } from "./client-lists.ts";
import {
  authRules,
  formatRules,
  fromHardRules,
  historyRules,
  listHardRules,
  listRules,
  ourDomainRules,
  senderHardRules,
  senderRules,
} from "./declared.ts";
import { heloHardRules, heloRules } from "./helo.ts";
import { reverseNameRules } from "./reverse-name.ts";
import { scoreRules } from "./score.ts";
import { tlsRules } from "./tls.ts";

/** Every rule there is, in the order of the policy's table: of two equal observations the first one speaks. */
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
  ...authRules,
  ...ourDomainRules,
  ...tlsRules,
  ...formatRules,
  ...historyRules,
];
