/**
 * For tests: signed, sealed and hostile messages, and the check of one over a DNS of plain data.
 *
 * @packageDocumentation
 */

export { checkMail, NO_SPF, NOW_S } from "./testing/check-mail.ts";
export { type HostileMessage, hostileMessages, hostileRecord } from "./testing/mail/hostile.ts";
export { partsOf } from "./testing/mail/parts.ts";
export {
  type Algorithm,
  type Canonicalization,
  type KeyKind,
  type SignOptions,
  signMessage,
  testKey,
} from "./testing/mail/sign.ts";
