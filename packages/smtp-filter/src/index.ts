/**
 * What a mail filter is, whatever mail server asks it: the port that an adapter calls and a filter provides, and the
 * names, addresses and replies that they exchange. Nothing here does I/O, and nothing but `systemClock` reads a clock;
 * sockets are in `./serve`, what tests share in `./testing`.
 *
 * @packageDocumentation
 */

export { clientNetwork, clientSite } from "./client-network.ts";
export { type Clock, systemClock } from "./clock.ts";
export {
  defineFilter,
  type FilterConnection,
  type FilterTransaction,
} from "./define-filter.ts";
export {
  type CallResult,
  type FilterFailure,
  type FilterGuard,
  guardFilter,
  type Progress,
} from "./guard-filter.ts";
export {
  addressBytes,
  type IpAddress,
  ipAddressOf,
  isIpv6,
  type Network,
  networkAround,
  networkHas,
  parseIpAddress,
  parseNetwork,
  reversedName,
} from "./ip-address.ts";
export { replyFromMail, stayingReply } from "./late-reply.ts";
export { type MtaTraits, traitsOf } from "./mta.ts";
export {
  type ByteText,
  type Domain,
  type Mailbox,
  parseDomain,
  parseMailbox,
  parseReversePath,
  type ReversePath,
} from "./names.ts";
export type {
  Answer,
  Client,
  Connection,
  Edit,
  Final,
  Message,
  Mta,
  MtaName,
  Open,
  RecipientOutcome,
  Tls,
  Transaction,
} from "./port.ts";
export { quoteBytes } from "./quote-bytes.ts";
export { formatReply, type Reply, refusal, withDecisionId } from "./reply.ts";
export { unreachable } from "./unreachable.ts";
export { parseWrittenDomain } from "./written-domain.ts";
