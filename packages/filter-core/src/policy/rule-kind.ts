/**
 * `hard` decides by itself, no credit helps. `final` may refuse before DATA. `weighed` counts only when the
 * whole message is known, because what could excuse it is known only then.
 */
export const RULE_KINDS = ["hard", "final", "weighed"] as const;
export type RuleKind = (typeof RULE_KINDS)[number];
