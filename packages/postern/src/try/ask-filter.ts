import type { Action, Stage } from "@postern/filter-core";
import { createOpen, openWorkBudget, type Settings } from "@postern/filter-runtime";
import { type Edit, formatReply, type Mailbox, type Reply } from "@postern/smtp-filter";
import type { Case } from "./case.ts";
import { splitMessage } from "./split-message.ts";

type LogEntry = Exclude<Parameters<Settings["log"]>[0], { readonly stage: "session" }>;

/** What the filter told, as its log has it. */
interface Told {
  readonly stage: Stage;
  readonly action: Action;
  readonly rule: string | null;
  /** Without the decision id; null: 250. */
  readonly reply: string | null;
  readonly would: Action | null;
}

/** What a mail server would have heard of one SMTP session. */
export interface Heard {
  /** The first that was refused, else what was said of the message; null: neither, the session goes on. */
  readonly first: Told | null;
  /** Before any recipient was named, the session or its mail was refused. */
  readonly isShut: boolean;
  /** For each recipient that the filter was asked about: what refused it; null: it was accepted. */
  readonly recipients: readonly { readonly to: Mailbox; readonly refused: Told | null }[];
  /** What was said of the message; null: there was none to speak of. */
  readonly message: Told | null;
  /** What becomes of the header; null: nothing is delivered. */
  readonly edits: readonly Edit[] | null;
}

/** Leads one SMTP session through the filter that listeners open, as a mail server does, and reads its log. */
export async function askFilter(input: Case, given: Settings): Promise<Heard> {
  const log: LogEntry[] = [];
  const settings: Settings = {
    ...given,
    workBudget: openWorkBudget(given.clock),
    log: (entry) => {
      if (entry.stage !== "session") log.push(entry);
    },
  };
  const connection = createOpen(() => settings)(input.client);
  // A refusal that has no line of its own, as the second one of a session over its budget, is known by its reply.
  const told = (stage: Stage, reply: Reply): Told =>
    lastTold(log) ?? {
      stage,
      action: reply.code >= 500 ? "reject" : "tempfail",
      rule: null,
      reply: formatReply(reply),
      would: null,
    };
  const shut = (what: Told): Heard => ({ ...NOTHING, first: what, isShut: true });
  try {
    const greeted = await connection.greet();
    if (greeted.kind === "refuse") return shut(told("connect", greeted.reply));
    if (input.helo !== null) {
      const answer = await connection.hello(input.helo);
      if (answer.kind === "refuse") return shut(told("helo", answer.reply));
    }
    if (input.tls === true) connection.secured({ version: null });
    if (input.user !== null) connection.authenticated(input.user);
    if (input.from === undefined) return NOTHING;
    const { answer, transaction } = await connection.mail(input.from, []);
    if (answer.kind === "refuse") return shut(told("mail", answer.reply));
    if (transaction === undefined) return NOTHING;
    const recipients: { to: Mailbox; refused: Told | null }[] = [];
    for (const to of input.recipients) {
      const said = await transaction.rcpt(to);
      recipients.push({ to, refused: said.kind === "refuse" ? told("rcpt", said.reply) : null });
    }
    const first = recipients.find(({ refused }) => refused !== null)?.refused ?? null;
    const isAnyLeft = recipients.some(({ refused }) => refused === null);
    if (input.message === null || !isAnyLeft) return { ...NOTHING, first, recipients };
    const message = transaction.message();
    await message.begun();
    const { headers, body } = splitMessage(input.message);
    for (const { name, rawValue } of headers) message.header(name, rawValue);
    await message.body(body);
    const final = await message.end();
    const said = final.kind === "refuse" ? told("message", final.reply) : lastTold(log);
    const edits = final.kind === "deliver" ? final.edits : null;
    return { first: first ?? said, isShut: false, recipients, message: said, edits };
  } finally {
    connection.close("quit");
  }
}

const NOTHING: Heard = { first: null, isShut: false, recipients: [], message: null, edits: null };

/** What was logged last, once: what is told without a line must not be taken for it. */
function lastTold(log: LogEntry[]): Told | null {
  const entry = log.pop();
  if (entry === undefined) return null;
  const { stage, action, rule, result, would } = entry;
  return { stage, action, rule, reply: result, would };
}
