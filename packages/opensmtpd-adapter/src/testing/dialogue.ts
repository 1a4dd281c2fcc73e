/** Versions whose field orders differ. */
export type Version = "0.5" | "0.6" | "0.7";

type Result = "ok" | "permfail" | "tempfail";

const TOKENS: Readonly<Record<string, string>> = {
  connect: "aaaa000000000000",
  helo: "aaaa000000000001",
  ehlo: "aaaa000000000002",
  "mail-from": "aaaa000000000006",
  "rcpt-to": "aaaa000000000007",
  data: "aaaa000000000008",
  "data-line": "aaaa000000000009",
  commit: "aaaa00000000000e",
};

/** The lines of smtpd about one session, without LF. */
export class Dialogue {
  id: string;
  readonly #version: string;
  /** Of the message under way. */
  messageId = "0badcafe";
  #microseconds = 0;

  constructor(version: string = "0.7", id = "00000000000000a1") {
    this.#version = version;
    this.id = id;
  }

  report(event: string, ...payload: readonly string[]): string {
    const fields = ["report", this.#version, this.#stamp(), "smtp-in", event, this.id];
    return [...fields, ...payload].join("|");
  }

  request(
    phase: string,
    payload = "",
    token: string = TOKENS[phase] ?? "aaaa0000000000ff",
  ): string {
    const fields = ["filter", this.#version, this.#stamp(), "smtp-in", phase, this.id, token];
    return [...fields, payload].join("|");
  }

  linkConnect(
    source = "192.0.2.7:40001",
    reverseName = "mail.example.com",
    fcrdns = "pass",
    destination = "198.51.100.25:25",
  ): string {
    return this.report("link-connect", reverseName, fcrdns, source, destination);
  }

  connect(source = "192.0.2.7", reverseName = "mail.example.com"): string {
    return this.request("connect", `${reverseName}|${source}`);
  }

  /** From the connection to a HELO that was accepted. */
  greeted(source = "192.0.2.7:40001", name = "mail.example.com"): readonly string[] {
    const withoutPort = source.startsWith("unix:") ? "local" : source.replace(/:\d+$/, "");
    return [
      this.linkConnect(source),
      this.connect(withoutPort),
      this.report("link-greeting", "mx.example.org"),
      ...this.ehlo(name),
    ];
  }

  ehlo(name = "mail.example.com"): readonly string[] {
    return [this.request("ehlo", name), this.report("link-identify", "EHLO", name)];
  }

  auth(result: "pass" | "fail" | "error", user: string): string {
    return this.#version === "0.7" || this.#version > "0.7"
      ? this.report("link-auth", result, user)
      : this.report("link-auth", user, result);
  }

  txMail(address: string, result: Result = "ok", messageId: string = this.messageId): string {
    return this.#addressed("tx-mail", address, result, messageId);
  }

  txRcpt(address: string, result: Result = "ok"): string {
    return this.#addressed("tx-rcpt", address, result, this.messageId);
  }

  /** MAIL, accepted unless said otherwise. */
  mail(address = "ann@example.com"): readonly string[] {
    return [
      this.request("mail-from", address),
      this.report("tx-begin", this.messageId),
      this.txMail(address),
    ];
  }

  rcpt(address = "bob@example.org"): readonly string[] {
    return [
      this.request("rcpt-to", address),
      this.report("tx-envelope", this.messageId, `${this.messageId}00000001`),
      this.txRcpt(address),
    ];
  }

  line(payload: string): string {
    return this.request("data-line", payload);
  }

  /** DATA and the lines of a message, as they are, then the final dot. */
  data(...lines: readonly string[]): readonly string[] {
    return [
      this.request("data"),
      this.report("tx-data", this.messageId, "ok"),
      ...lines.map((line) => this.line(line)),
      this.line("."),
    ];
  }

  committed(): readonly string[] {
    return [
      this.report("tx-commit", this.messageId, "389"),
      this.report("tx-reset", this.messageId),
    ];
  }

  rolledBack(): readonly string[] {
    return [this.report("tx-rollback", this.messageId), this.report("tx-reset", this.messageId)];
  }

  #addressed(event: string, address: string, result: Result, messageId: string): string {
    return this.#version === "0.5"
      ? this.report(event, messageId, address, result)
      : this.report(event, messageId, result, address);
  }

  /** Not monotonic, as smtpd's are not. */
  #stamp(): string {
    this.#microseconds = (this.#microseconds + 700_001) % 1_000_000;
    return `1795000001.${String(this.#microseconds).padStart(6, "0")}`;
  }
}
