import { authorRows } from "./rows/author.ts";
import { scenarios } from "./rows/base.ts";
import { bodyRows } from "./rows/bodies.ts";
import { connectionRows } from "./rows/connection.ts";
import { dkimRows } from "./rows/dkim.ts";
import { dmarcRows } from "./rows/dmarc.ts";
import { foldedNameRows } from "./rows/folded-names.ts";
import { forgeryRows } from "./rows/forgery.ts";
import { formatRows } from "./rows/format.ts";
import { reputationRows } from "./rows/reputation.ts";
import { spfRows } from "./rows/spf.ts";
import { tlsRows } from "./rows/tls.ts";
import type { Scenario } from "./scenario.ts";

/** Every scenario. Ids are stable: notes and issues name them. */
export const table: readonly Scenario[] = scenarios([
  ...connectionRows,
  ...spfRows,
  ...dkimRows,
  ...dmarcRows,
  ...bodyRows,
  ...forgeryRows,
  ...formatRows,
  ...authorRows,
  ...reputationRows,
  ...tlsRows,
  ...foldedNameRows,
]);
