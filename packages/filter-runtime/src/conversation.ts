import {
  type Action,
  creditsOf,
  type Decision,
  type Facts,
  hasFailedQuestion,
  isBefore,
  type Judgement,
  type Mode,
  NO_JUDGEMENT,
  refusalAt,
  replyAt,
  type Stage,
  type Treatment,
  toldAt,
  treatmentOf,
} from "@postern/filter-core";
import {
  type Answer,
  type ByteText,
  type Client,
  formatReply,
  type Mailbox,
  type Reply,
  refusal,
  withDecisionId,
} from "@postern/smtp-filter";
import { type Fault, within } from "./deadline.ts";
import { Lessons, type Misconduct } from "./history/lessons.ts";
import { LineBudget } from "./line-budget.ts";
import { SessionFacts } from "./session-facts.ts";
import type { Settings } from "./settings.ts";
import { Tarpit } from "./tarpit.ts";

/** What is told, and what the log says of it. */
export interface Told {
  readonly action: Action;
  readonly rule: string | null;
  readonly reply: Reply | null;
  readonly would: Action | null;
  readonly mode: Mode;
}

/** What others call a message: by these its log line is found. */
export interface MessageNames {
  readonly queueId?: ByteText | undefined;
  readonly messageId?: ByteText | undefined;
}

/** So many faults of our own are announced in one session. */
const MAX_FAULTS = 10;

type RefusedAnswer = Extract<Answer, { kind: "refuse" }>;

const PROCEED: Answer = { kind: "continue" };

/** One SMTP conversation: answers each stage in time, exactly once, and logs what it told. */
export class Conversation {
  readonly session: SessionFacts;
  readonly #settings: Settings;
  readonly #tarpit: Tarpit;
  readonly #lines: LineBudget;
  #faults = 0;
  /** Of the one line that says that the session costs too much: what the client is told later leads there too. */
  #overBudgetId: string | undefined;
  /** null: nothing is learned. */
  readonly lessons: Lessons | null;

  constructor(client: Client, settings: Settings) {
    this.#settings = settings;
    this.session = new SessionFacts(client, settings);
    this.#tarpit = new Tarpit(settings);
    const { clock, history, newId, policy } = settings;
    this.#lines = new LineBudget(clock, newId);
    this.lessons = history === null ? null : new Lessons(history, policy);
  }

  /**
   * The answer at a stage before the message; a refusal is logged.
   *
   * @param to at RCPT, the recipient asked about.
   */
  async answer(stage: Exclude<Stage, "message">, to?: Mailbox): Promise<Answer> {
    this.session.spend("command", 1);
    const overBudget = this.overBudget(stage, to === undefined ? [] : [to]);
    if (overBudget !== null) return overBudget;
    if (!this.#hasToThink(stage)) return PROCEED;
    const { clock, stageDeadlineMs } = this.#settings;
    const startedAtMs = clock.nowMs();
    const recipients = to === undefined ? [] : [to];
    const id = this.refusalId();
    const ending = await within(clock, stageDeadlineMs, () => this.#refusal(stage, recipients, id));
    const facts = this.session.facts(stage, recipients);
    const refused: Refused =
      ending.kind === "done"
        ? ending.value
        : { told: this.fault(ending, facts), judgement: NO_JUDGEMENT };
    await this.#tarpit.wait(facts, startedAtMs);
    // Nobody is told, and what was cut off decides nothing.
    if (this.session.isOver) return PROCEED;
    if (refused.told === null || refused.told.reply === null) return PROCEED;
    this.log(id, facts, refused.judgement, refused.told);
    if (refused.decision !== undefined)
      this.lessons?.refused(this.session.provable(facts), refused.decision);
    return { kind: "refuse", reply: this.withId(refused.told.reply, id) };
  }

  /** The id of what may become a refusal: by it the line is found that says so, or that counts it with others. */
  refusalId(): string {
    return this.#lines.refusalId();
  }

  /** What the client is told: where the policy wants it, with the decision id behind the sentence. */
  withId(reply: Reply, id: string): Reply {
    return this.#settings.policy.replyId ? withDecisionId(reply, id) : reply;
  }

  /** Tarpits: delays answers that decide nothing, by the client's score. */
  async tarpit(startedAtMs: number): Promise<void> {
    await this.#tarpit.wait(this.session.facts("rcpt", []), startedAtMs);
  }

  /** What is told where we have a bug or are late. Observing, nobody is refused for it either. */
  fault(fault: Fault, { standing, stage }: Facts): Told | null {
    const { onFailure, onFault, policy } = this.#settings;
    this.#faults += 1;
    if (this.#faults <= MAX_FAULTS) onFault(fault, stage);
    if (onFailure === "accept" || policy.mode === "observe" || standing !== "outside") return null;
    const reply = refusal(451, "4.3.0", "our filter has a problem, please try again later");
    return { action: "tempfail", rule: `fault.${fault.kind}`, reply, would: null, mode: "enforce" };
  }

  /**
   * What a session is told that costs more than one may: it ends. Observing, and for others than strangers, nobody is told.
   * The log says so once.
   */
  overBudget(stage: Stage, recipients: readonly Mailbox[]): RefusedAnswer | null {
    if (!this.session.isOverBudget()) return null;
    const isObserved = this.#settings.policy.mode === "observe";
    const reply = refusal(421, "4.7.0", "this session costs us too much, please try again later");
    let id = this.#overBudgetId;
    if (id === undefined) {
      id = isObserved ? this.#settings.newId() : this.refusalId();
      const facts = this.session.facts(stage, recipients);
      const told = isObserved
        ? ({ action: "accept", reply: null, would: "tempfail", mode: "observe" } as const)
        : ({ action: "tempfail", reply, would: null, mode: "enforce" } as const);
      this.log(id, facts, NO_JUDGEMENT, { ...told, rule: "fault.budget" });
      this.#overBudgetId = id;
    }
    if (isObserved) return null;
    return { kind: "refuse", reply: this.withId(reply, id), ends: "session" };
  }

  /** Where our resolver is down and the site wants senders to come back. */
  dnsDown(facts: Facts): Told | null {
    const { onDnsDown, policy, sources } = this.#settings;
    if (onDnsDown === "accept" || policy.mode === "observe" || facts.standing !== "outside")
      return null;
    if (sources.resolver() === "up" || !hasFailedQuestion(facts)) return null;
    const reply = refusal(451, "4.4.3", "our DNS does not answer, please try again later");
    return { action: "tempfail", rule: "fault.dns", reply, would: null, mode: "enforce" };
  }

  /** A decision in words, as told at a stage. */
  tell(stage: Stage, decision: Decision, id: string): Told {
    const ip = this.session.client.address ?? "unknown";
    const reply = replyAt(stage, decision, { ip, id });
    return { action: decision.action, rule: decision.rule, reply, would: null, mode: "enforce" };
  }

  log(id: string, facts: Facts, judgement: Judgement, told: Told, names: MessageNames = {}): void {
    const { action, rule, reply, would, mode } = told;
    if (reply !== null) {
      const what = this.#lines.count(id, told);
      if (what === "due") this.#logCount();
      if (what !== "write") return;
      this.#lines.spend();
    }
    const { client, reverseName, helo, from, recipients, stage, dmarc } = facts;
    const { debt, credit, badness, observations } = judgement;
    const capped = debt / (1 + badness / 2);
    this.#settings.log({
      id,
      mta: client.mta.name,
      stage,
      address: client.address,
      reverseName,
      helo,
      from,
      to: recipients,
      action,
      rule,
      debt,
      credit,
      observations,
      capped: observations.reduce((sum, seen) => sum + seen.debt, 0) - capped,
      raised: debt - capped,
      credits: credit > 0 ? creditsOf(facts, this.#settings.policy, "all") : [],
      dmarc,
      queueId: names.queueId ?? null,
      messageId: names.messageId ?? null,
      result: reply && formatReply(reply),
      mode,
      would,
    });
  }

  /** What the mail server told us is learned, where the client is one that is judged. */
  misconduct(kind: Misconduct): void {
    if (this.session.standing !== "outside") return;
    this.lessons?.misconduct(this.session.provable(this.session.facts("rcpt", [])), kind);
  }

  end(): void {
    this.#logCount();
    this.session.end();
    this.#tarpit.end();
  }

  #logCount(): void {
    const counted = this.#lines.takeAll();
    if (counted === undefined) return;
    const { client, reverseName, helo, from } = this.session.facts("rcpt", []);
    const { address, mta } = client;
    this.#settings.log({
      ...{ ...counted, mta: mta.name, stage: "session", address, reverseName, helo, from },
    });
  }

  /** Whether anything can be told or slowed at a stage: if not, nobody waits for a lookup. */
  #hasToThink(stage: Stage): boolean {
    const { policy } = this.#settings;
    if (this.session.standing !== "outside") return false;
    return policy.slowFactorMs > 0 || this.#isToldAt(stage);
  }

  #isToldAt(stage: Stage): boolean {
    const first = toldAt({ tellAt: this.#settings.policy.refuseAt }, this.session.client.mta.name);
    return !isBefore(stage, first);
  }

  async #refusal(stage: Stage, recipients: readonly Mailbox[], id: string): Promise<Refused> {
    const { policy } = this.#settings;
    await this.session.ready(stage);
    if (!this.#isToldAt(stage)) return { told: null, judgement: NO_JUDGEMENT };
    const facts = this.session.facts(stage, recipients);
    const judgement = this.session.judge(facts);
    const [to] = recipients;
    const treatment: Treatment =
      to === undefined ? { mode: policy.mode, door: "guarded" } : treatmentOf(to, facts, policy);
    const decision = refusalAt(stage, judgement, this.session.client.mta.name, treatment);
    if (decision !== null) this.session.vouch(facts);
    if (decision !== null) return { told: this.tell(stage, decision, id), judgement, decision };
    return { told: treatment.door === "open" ? null : this.dnsDown(facts), judgement };
  }
}

interface Refused {
  readonly told: Told | null;
  readonly judgement: Judgement;
  /** By which the policy refused. */
  readonly decision?: Decision;
}
