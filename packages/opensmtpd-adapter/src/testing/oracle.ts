import type { FailureAnswer } from "../engine-messages.ts";
import { expectedContent, expectedMessage } from "./expected-message.ts";
import type { Said, Stage, WatchedPort, WatchedSession } from "./watched-port.ts";

const STAGES: Readonly<Record<string, Stage>> = {
  connect: "greet",
  helo: "hello",
  ehlo: "hello",
  "mail-from": "mail",
  "rcpt-to": "rcpt",
  commit: "end",
};

export interface OracleOptions {
  readonly port: WatchedPort;
  /** Nothing fails: every answer is the port's. */
  readonly isCalm: boolean;
  readonly onFailure: FailureAnswer;
  /** Of a line that smtpd takes back, dot-stuffed. */
  readonly maxPayload: number;
}

/** Says what must have been answered, from what the port said. It shares no code with the adapter. */
export class Oracle {
  readonly #options: OracleOptions;
  /** The last message of each client was too long in one of its lines. */
  readonly #tooLong = new Map<number, boolean>();

  constructor(options: OracleOptions) {
    this.#options = options;
  }

  /** @throws {Error} if smtpd may not be answered that. */
  checkAnswer(client: number, phase: string, result: string): void {
    const { isCalm } = this.#options;
    const allowed = isCalm ? this.#calmly(client, phase) : this.#anyhow(client, phase);
    if (!allowed.includes(result))
      throw new Error(`${phase}: ${result} is none of ${JSON.stringify(allowed)}`);
  }

  /** @throws {Error} if the message may not come back like that, or the port saw another one. */
  checkMessage(client: number, lines: readonly string[], back: readonly string[]): void {
    const { port, isCalm, maxPayload } = this.#options;
    const isTooLong = lines.some(
      (line) => line.length + (line.startsWith(".") ? 1 : 0) > maxPayload,
    );
    this.#tooLong.set(client, isTooLong);
    const sessions = port.sessions.get(client) ?? [];
    const session = sessions.at(-1);
    const ofMail = session === undefined ? [] : sinceMail(session);
    const end = ofMail.findLast(({ stage }) => stage === "end");
    if (isCalm && session !== undefined && end !== undefined) checkContent(session, lines);
    if (isTooLong) return;
    const edits = isCalm
      ? [end?.edits ?? []]
      : [[], ...sessions.flatMap(({ said }) => said.map((one) => one.edits ?? []))];
    const expected = edits.map((each) => JSON.stringify(expectedMessage(lines, each)));
    const got = JSON.stringify(back);
    if (!expected.includes(got))
      throw new Error(`the message came back as ${got}, not ${expected[0]}`);
  }

  #calmly(client: number, phase: string): readonly string[] {
    const session = this.#options.port.sessions.get(client)?.at(-1);
    const stage = STAGES[phase];
    if (session === undefined) return ["proceed"];
    const said = ["connect", "helo", "ehlo"].includes(phase) ? session.said : sinceMail(session);
    const last = said.findLast((one) => one.stage === stage);
    const isTooLong = phase === "commit" && this.#tooLong.get(client) === true;
    const own = last?.refusal ?? null;
    const answer =
      own === null && isTooLong ? "reject 550 5.6.0 Line too long" : answerTo(phase, own);
    // A refusal that nothing asked for is told at the next request.
    const untold = said
      .filter((one) => one !== last && (one.stage === "mail" || one.stage === "rcpt"))
      .flatMap(({ refusal }) => (refusal === null ? [] : [answerTo(phase, refusal)]));
    return [answer, ...(["rcpt-to", "data", "commit"].includes(phase) ? untold : [])];
  }

  #anyhow(client: number, phase: string): readonly string[] {
    const { port, onFailure } = this.#options;
    const sessions = port.sessions.get(client) ?? [];
    const said = sessions.flatMap((session) => session.said);
    const failure =
      phase === "connect"
        ? "disconnect 421 4.3.0 our filter has a problem, please try again later"
        : "reject 451 4.3.0 our filter has a problem, please try again later";
    return [
      "proceed",
      "reject 550 5.6.0 Line too long",
      ...said.map(({ refusal }) => answerTo(phase, refusal)),
      ...(onFailure === "tempfail" ? [failure] : []),
    ];
  }
}

/** What was said since the last MAIL, that one included. */
function sinceMail({ said }: WatchedSession): readonly Said[] {
  const mail = said.findLastIndex(({ stage }) => stage === "mail");
  return mail === -1 ? [] : said.slice(mail);
}

function answerTo(phase: string, refusal: string | null): string {
  if (refusal === null) return "proceed";
  const printable = Array.from(refusal, (c) => (c >= " " && c <= "~" ? c : "?"));
  const text = printable.join("").slice(0, 400).trimEnd();
  const reply = text.length > 4 ? text : `${text} refused`;
  if (phase === "connect") return `disconnect ${reply}`;
  if (phase === "helo" || phase === "ehlo") return `reject ${reply}`;
  return `reject ${reply.replace(/^421 /, "451 ").replace(/^521 /, "550 ")}`;
}

function checkContent(session: WatchedSession, lines: readonly string[]): void {
  const seen = session.messages.at(-1);
  const { headers, body } = expectedContent(lines);
  if (seen === undefined) throw new Error("no message was seen");
  if (JSON.stringify(seen.headers) !== JSON.stringify(headers))
    throw new Error(`fields ${JSON.stringify(seen.headers)}, not ${JSON.stringify(headers)}`);
  if (seen.isWhole ? seen.body !== body : !body.startsWith(seen.body))
    throw new Error(`body ${JSON.stringify(seen.body)}, not ${JSON.stringify(body)}`);
}
