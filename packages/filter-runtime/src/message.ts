import {
  dayOf,
  type Facts,
  ForgedHeaderFinder,
  type HeaderField,
  headersFor,
  identitiesOf,
  type Judgement,
  type MessageOutcome,
  NO_JUDGEMENT,
  outcomeOf,
  treatmentOf,
} from "@postern/filter-core";
import type { ByteText, Edit, Final, Mailbox, Message } from "@postern/smtp-filter";
import type { Conversation, Told } from "./conversation.ts";
import { type Fault, within } from "./deadline.ts";
import { proofWords } from "./history/mark-proof.ts";
import type { Settings } from "./settings.ts";

/** What is kept of a Message-ID: the log shows less. */
const MAX_MESSAGE_ID = 512;

/** One message: its header is read, and its signatures are checked while the body goes by. */
export function openMessage(
  conversation: Conversation,
  recipients: readonly Mailbox[],
  settings: Settings,
): Message {
  const forged = new ForgedHeaderFinder(settings.site.authservId);
  const { clock, messageDeadlineMs, policy } = settings;
  const { session } = conversation;
  const content = session.message();
  const { signal } = session.mailOver;
  let isAutomatic = false;
  let messageId: string | undefined;

  async function judged(): Promise<{
    facts: Facts;
    judgement: Judgement;
    outcome: MessageOutcome;
  }> {
    content?.end();
    await session.ready("message");
    const facts = { ...session.facts("message", recipients), forgedFields: forged.amount() };
    session.vouch(facts);
    const judgement = session.judge(facts);
    const treatments = recipients.map((to) => treatmentOf(to, facts, policy));
    return {
      facts,
      judgement,
      outcome: outcomeOf(judgement, treatments, policy, facts.client.mta.name),
    };
  }

  /** By which a user's mark is later known to be about this message; nothing where nothing can be learned. */
  function proof(facts: Facts, { action }: MessageOutcome, id: string): readonly string[] {
    const key = settings.markKey();
    if (key === undefined || policy.reputation === undefined) return [];
    const identities = identitiesOf(session.provable(facts), policy.reputation.sharedPools);
    return proofWords(key, {
      id,
      day: dayOf(facts.now),
      keys: identities.map((one) => one.key),
      isJunk: action === "junk",
    });
  }

  /** Late or broken, mail is let in unmarked, or asked to come back: as the site wants it. */
  function afterFault(fault: Fault, queueId?: ByteText): Final {
    const facts = session.facts("message", recipients);
    const told = conversation.fault(fault, facts);
    const id = told === null ? settings.newId() : conversation.refusalId();
    const nothing: Told = {
      action: "accept",
      rule: null,
      reply: null,
      would: null,
      mode: "enforce",
    };
    conversation.log(id, facts, NO_JUDGEMENT, told ?? nothing, { queueId, messageId });
    if (told?.reply) return { kind: "refuse", reply: conversation.withId(told.reply, id) };
    return { kind: "deliver", edits: editsFor([], forged) };
  }

  return {
    begun: () => conversation.tarpit(clock.nowMs()),
    header(name, rawValue) {
      forged.see(latin1(name), latin1(rawValue));
      isAutomatic ||= isAutoSubmitted(name, rawValue);
      if (messageId === undefined && isNamed(name, "message-id"))
        messageId = latin1(rawValue.subarray(0, MAX_MESSAGE_ID));
      content?.header(name, rawValue);
    },
    body: (chunk) => (content === null || content.body(chunk) === "enough" ? "enough" : undefined),
    async end(queueId) {
      const startedAtMs = clock.nowMs();
      session.spend("command", 1);
      const overBudget = conversation.overBudget("message", recipients);
      if (overBudget !== null) return overBudget;
      const ending = await within(clock, messageDeadlineMs, judged);
      await conversation.tarpit(startedAtMs);
      // Nobody is told, and what was cut off decides nothing.
      if (signal.aborted) return { kind: "deliver", edits: editsFor([], forged) };
      if (ending.kind !== "done") return afterFault(ending, queueId);
      const { facts, judgement, outcome } = ending.value;
      const isRefused = outcome.decision !== null || conversation.dnsDown(facts) !== null;
      // A delivered message has an id of its own in its header.
      const id = isRefused ? conversation.refusalId() : settings.newId();
      const told = tellOutcome(outcome, conversation, facts, id);
      conversation.log(id, facts, judgement, told, { queueId, messageId });
      if (facts.standing === "outside")
        conversation.lessons?.judged(session.provable(facts), judgement, outcome);
      if (facts.standing === "authenticated" && !isAutomatic && facts.from !== "null-sender")
        conversation.lessons?.wrote(recipients);
      if (told.reply !== null)
        return { kind: "refuse", reply: conversation.withId(told.reply, id) };
      return {
        kind: "deliver",
        edits: editsFor(
          headersFor(facts, judgement, outcome, policy, id, proof(facts, outcome, id)),
          forged,
        ),
      };
    },
  };
}

function tellOutcome(
  { action, decision, would, mode }: MessageOutcome,
  conversation: Conversation,
  facts: Facts,
  id: string,
): Told {
  if (decision !== null) return conversation.tell("message", decision, id);
  return conversation.dnsDown(facts) ?? { action, rule: null, reply: null, would, mode };
}

/** Removals first, then the new fields, the topmost last. */
function editsFor(add: readonly HeaderField[], forged: ForgedHeaderFinder): readonly Edit[] {
  return [
    ...forged.found().map((ref) => ({ kind: "remove", ...ref }) as const),
    ...add.toReversed().map((field) => ({ kind: "insert", ...field }) as const),
  ];
}

/** A vacation notice (RFC 3834): it goes to anyone who wrote, so it earns its recipient no credit. */
function isAutoSubmitted(name: Uint8Array, rawValue: Uint8Array): boolean {
  return isNamed(name, "auto-submitted") && !/^\s*no\b/i.test(latin1(rawValue));
}

/** @param wanted in lower case. */
function isNamed(name: Uint8Array, wanted: string): boolean {
  return name.length === wanted.length && latin1(name).toLowerCase() === wanted;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
