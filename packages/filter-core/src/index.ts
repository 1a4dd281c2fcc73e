/**
 * The rule engine: facts in, judgement out, and the port every adapter calls. No I/O, no clock, no Node.
 *
 * @packageDocumentation
 */

export {
  addressBytes,
  type IpAddress,
  isIpv6,
  type Network,
  networkHas,
  parseIpAddress,
  parseNetwork,
  reversedName,
} from "./ip-address.ts";
export type { Lookup } from "./lookup.ts";
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
  Tls,
  Transaction,
} from "./port.ts";
export { formatReply, type Reply, refusal } from "./reply.ts";
export { unreachable } from "./unreachable.ts";
