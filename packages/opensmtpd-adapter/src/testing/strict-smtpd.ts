/** What ends the real smtpd (6.8, 7.8), hangs its client, or spoils a message. */
export class Fatal extends Error {}

const EVENTS = new Set(
  (
    "link-connect link-greeting link-identify link-tls link-auth link-disconnect tx-begin tx-mail tx-rcpt " +
    "tx-envelope tx-data tx-commit tx-rollback tx-reset timeout protocol-client protocol-server filter-report " +
    "filter-response"
  ).split(" "),
);
const PHASES = new Set(
  "connect helo ehlo starttls auth mail-from rcpt-to data data-line rset quit noop commit".split(
    " ",
  ),
);

interface Waiting {
  readonly phase: string;
  readonly token: string;
  readonly version: string;
}

interface Data {
  readonly token: string;
  hasDot: boolean;
  /** Lines that came back, dot-stuffed. */
  readonly lines: string[];
  isBack: boolean;
}

class StrictSession {
  readonly waiting: Waiting[] = [];
  data: Data | undefined;
}

/** One answer, as it was given. */
export interface Answered {
  readonly session: string;
  readonly phase: string;
  /** `proceed`, or verb and parameter. */
  readonly result: string;
}

/**
 * The part of smtpd that a filter speaks to (lka_filter.c, lka_proc.c): it follows what is said in both directions,
 * and throws wherever the real one would stop. It shares no code with the adapter.
 */
export class StrictSmtpd {
  /** Of a line that a filter may write, with its LF. */
  readonly #maxLine: number;
  readonly #registered = new Set<string>();
  readonly #sessions = new Map<string, StrictSession>();
  #isReady = false;
  readonly answers: Answered[] = [];
  /** Messages that came back whole, in their order: lines without dot-stuffing. */
  readonly messages: { readonly session: string; readonly lines: readonly string[] }[] = [];

  constructor(release = "7.8.0") {
    this.#maxLine = /^(?:6\.|7\.[0-3]\.)/.test(release) ? 1_990 : 65_000;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Requests that were not answered, and messages that did not come back. */
  owed(): readonly string[] {
    return [...this.#sessions].flatMap(([id, { waiting, data }]) => [
      ...waiting.map(({ phase }) => `${id} ${phase}`),
      ...(data?.hasDot === true && !data.isBack ? [`${id} data-line`] : []),
    ]);
  }

  /** smtpd sends this line to the filter. */
  told(line: string): void {
    const [kind, version = "", , subsystem, name = "", id = "", token = "", ...rest] =
      line.split("|");
    if (subsystem !== "smtp-in") return;
    if (kind === "report" && name === "link-disconnect") this.#sessions.delete(id);
    if (kind !== "filter") return;
    const session = this.#sessions.get(id) ?? new StrictSession();
    this.#sessions.set(id, session);
    if (name === "data-line") this.#toldData(session, token, rest.join("|"));
    else session.waiting.push({ phase: name, token, version });
  }

  /** The filter has written this line. */
  heard(line: string): void {
    if (line.length + 1 > this.#maxLine) throw new Fatal(`a line of ${line.length} bytes`);
    if (line.includes("\n")) throw new Fatal("a LF in a line");
    const [kind = "", ...fields] = line.split("|");
    if (!this.#isReady) {
      this.#register(kind, fields);
      return;
    }
    switch (kind) {
      case "filter-result":
        this.#result(fields);
        return;
      case "filter-dataline":
        this.#dataLine(fields);
        return;
      default:
        throw new Fatal(`unknown line ${JSON.stringify(line.slice(0, 80))}`);
    }
  }

  #toldData(session: StrictSession, token: string, payload: string): void {
    let data = session.data;
    if (data === undefined || data.isBack) {
      data = { token, hasDot: false, lines: [], isBack: false };
      session.data = data;
    }
    if (payload === ".") data.hasDot = true;
  }

  #register(kind: string, fields: readonly string[]): void {
    const [what = "", subsystem = "", name = "", ...more] = fields;
    if (kind !== "register" || more.length > 0) throw new Fatal("no register line before ready");
    if (what === "ready" && fields.length === 1) {
      this.#isReady = true;
      return;
    }
    const known = what === "report" ? EVENTS : what === "filter" ? PHASES : new Set<string>();
    if (subsystem !== "smtp-in" || !known.has(name))
      throw new Fatal(`register|${fields.join("|")}`);
    const key = `${what}|${name}`;
    if (this.#registered.has(key)) throw new Fatal(`registered twice: ${key}`);
    if (what === "report" && [...this.#registered].some((one) => one.startsWith("filter|")))
      throw new Fatal("a report after a filter");
    this.#registered.add(key);
  }

  #result(fields: readonly string[]): void {
    const [id = "", token = "", verb = "", ...parameters] = fields;
    if (!isHex(id) || !isHex(token)) throw new Fatal(`ids ${id} ${token}`);
    const session = this.#sessions.get(id);
    // Gone: ignored (6.8, 7.8).
    if (session === undefined) return;
    const request = session.waiting.shift();
    if (request === undefined) throw new Fatal(`an answer that nobody waits for in ${id}`);
    if (request.token !== token) throw new Fatal(`wrong token at ${request.phase} in ${id}`);
    const text = parameters.join("|");
    checkVerb(verb, request.phase, parameters.length > 0, text);
    const result = parameters.length > 0 ? `${verb} ${text}` : verb;
    this.answers.push({ session: id, phase: request.phase, result });
  }

  #dataLine(fields: readonly string[]): void {
    const [id = "", token = "", ...rest] = fields;
    if (!isHex(id) || !isHex(token) || fields.length < 3) throw new Fatal("a malformed data line");
    const data = this.#sessions.get(id)?.data;
    if (this.#sessions.get(id) === undefined) return;
    if (data === undefined || data.isBack) throw new Fatal(`filter-dataline out of dataline phase`);
    if (data.token !== token) throw new Fatal("a data line with the wrong token");
    const line = rest.join("|");
    if (line === ".") {
      if (!data.hasDot) throw new Fatal("our dot before theirs: the message is cut");
      data.isBack = true;
      this.messages.push({ session: id, lines: data.lines.map(unstuff) });
    } else {
      if (line.startsWith(".") && !line.startsWith("..")) throw new Fatal("a dot is not stuffed");
      data.lines.push(line);
    }
  }
}

function checkVerb(verb: string, phase: string, hasParameter: boolean, text: string): void {
  switch (verb) {
    case "proceed":
    case "junk":
      if (hasParameter) throw new Fatal(`a parameter after ${verb}`);
      if (verb === "junk" && phase === "commit") throw new Fatal("junk at commit");
      return;
    case "reject":
    case "disconnect":
      if (!/^[45]\d\d [\x20-\x7e]{1,396}$/.test(text)) throw new Fatal(`reply ${text}`);
      if (verb === "reject" && phase === "connect") throw new Fatal("reject at connect");
      return;
    default:
      throw new Fatal(`verb ${verb}`);
  }
}

function unstuff(line: string): string {
  return line.startsWith(".") ? line.slice(1) : line;
}

function isHex(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}
