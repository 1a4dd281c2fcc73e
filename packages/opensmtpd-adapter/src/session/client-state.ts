import type { Ask, Fact } from "../engine-messages.ts";
import type { FilterContext } from "./filter-context.ts";

/** What is known of the client of a session, for the engine that is there now and for those that come after it. */
export class ClientState {
  source = "";
  destination = "";
  helo: string | null = null;
  readonly #session: number;
  readonly #context: FilterContext;
  #generation = 0;
  #tls: { readonly version: string | null } | null = null;
  #user: string | null = null;

  constructor(session: number, context: FilterContext) {
    this.#session = session;
    this.#context = context;
  }

  /** The engine that is there now has been told. */
  get isIntroduced(): boolean {
    return this.#generation !== 0 && this.#generation === this.#context.engine.generation;
  }

  /** Whether the mail is a local submission or from an authenticated user. */
  get isOurs(): boolean {
    return this.source.startsWith("unix:") || this.source === "local" || this.#user !== null;
  }

  secured(version: string | null): void {
    this.#tls = { version };
    this.tell({ kind: "secured", version });
  }

  authenticated(user: string): void {
    this.#user = user;
    this.tell({ kind: "authenticated", user });
  }

  /** Says something to the engine that knows the session; another one is told when it is first asked. */
  tell(fact: Fact): void {
    if (this.isIntroduced)
      this.#context.engine.send({ kind: "tell", session: this.#session, fact });
  }

  /** Makes the session known where it is not, before a question about it. Nobody waits for these answers. */
  introduce(question: Ask["kind"]): void {
    if (this.isIntroduced) return;
    const { engine, smtpdVersion } = this.#context;
    const { source, destination } = this;
    this.#generation = engine.generation;
    const client = { source, destination, smtpdVersion };
    engine.send({ kind: "open", session: this.#session, client });
    if (question !== "greet") this.#mention({ kind: "greet" });
    if (this.#tls !== null) this.tell({ kind: "secured", ...this.#tls });
    if (question !== "hello" && this.helo !== null)
      this.#mention({ kind: "hello", name: this.helo });
    if (this.#user !== null) this.tell({ kind: "authenticated", user: this.#user });
  }

  #mention(ask: Ask): void {
    this.#context.engine.send({ kind: "ask", session: this.#session, question: 0, ask });
  }
}
