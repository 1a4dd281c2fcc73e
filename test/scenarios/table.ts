import { authenticationRows } from "./rows/authentication.ts";
import { scenarios } from "./rows/base.ts";
import { connectionRows } from "./rows/connection.ts";
import { forgeryRows } from "./rows/forgery.ts";
import type { Scenario } from "./scenario.ts";

/** Every scenario. Ids are stable: notes and issues name them. */
export const table: readonly Scenario[] = scenarios([
  ...connectionRows,
  ...authenticationRows,
  ...forgeryRows,
]);
