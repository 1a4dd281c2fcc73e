import { arcMessages } from "./hostile-arc.ts";
import { bulkMessages } from "./hostile-bulk.ts";
import { headerMessages } from "./hostile-headers.ts";
import { lineEndMessages } from "./hostile-line-ends.ts";
import { resultsMessages } from "./hostile-results.ts";
import type { HostileMessage } from "./hostile-samples.ts";
import { signatureMessages } from "./hostile-signatures.ts";

export { type HostileMessage, hostileRecord } from "./hostile-samples.ts";
export { bytesOf, type MailParts } from "./parts.ts";

/** Messages made to cost us time or to be taken for what they are not, with what must hold for each. */
export const hostileMessages: readonly HostileMessage[] = [
  ...bulkMessages,
  ...signatureMessages,
  ...headerMessages,
  ...lineEndMessages,
  ...arcMessages,
  ...resultsMessages,
];
