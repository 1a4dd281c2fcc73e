import type { Answers } from "./answers.ts";
import type { Command } from "./wire/command.ts";

/** Passes the header fields of one message until a limit is exceeded; reports once that it drops the rest. */
export class HeaderLimit {
  readonly #answers: Answers;
  #fields = 0;
  #bytes = 0;
  #hasReported = false;

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  admits({ name, value }: Extract<Command, { kind: "header" }>): boolean {
    const { maxHeaders, maxHeaderBytes } = this.#answers.settings;
    if (name.length === 0) return this.#drop("no-name");
    const bytes = this.#bytes + name.length + value.length;
    if (this.#fields >= maxHeaders) return this.#drop("too-many");
    if (bytes > maxHeaderBytes) return this.#drop("too-large");
    this.#fields += 1;
    this.#bytes = bytes;
    return true;
  }

  #drop(why: "no-name" | "too-many" | "too-large"): false {
    if (!this.#hasReported) this.#answers.report({ kind: "header-dropped", why });
    this.#hasReported = true;
    return false;
  }
}
