import type { Row } from "./row.ts";
import { business } from "./rows-business.ts";
import { mailHosts } from "./rows-mail.ts";
import { residential } from "./rows-residential.ts";
import { secondEdition } from "./rows-second-edition.ts";

export { heldOut } from "./rows-held-out.ts";

/** The names that recognition was made with. */
export const table: readonly Row[] = [...residential, ...business, ...mailHosts, ...secondEdition];
