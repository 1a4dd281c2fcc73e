/** What a process printed, by whole lines, with a wait for the line that fits. */
export class LineLog {
  readonly lines: string[] = [];
  readonly #waiters = new Set<() => void>();
  #isEnded = false;

  /** A listener for one stream; streams do not mix within a line. */
  collector(): (chunk: Buffer) => void {
    let partial = "";
    return (chunk) => {
      const parts = (partial + chunk.toString("utf8")).split("\n");
      partial = parts.pop() ?? "";
      this.lines.push(...parts);
      for (const wake of this.#waiters) wake();
    };
  }

  /** No line comes any more: who still waits is told. */
  end(): void {
    this.#isEnded = true;
    for (const wake of this.#waiters) wake();
  }

  /**
   * The first line that fits, past or future.
   * @throws {Error} with all lines, if there is none within `timeoutMs` or none can come.
   */
  waitFor(pattern: RegExp, timeoutMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const settle = (action: () => void) => {
        clearTimeout(timer);
        this.#waiters.delete(look);
        action();
      };
      const fail = (reason: string) =>
        settle(() => {
          const printed = this.lines.join("\n");
          reject(new Error(`Cannot find ${pattern} in its output, ${reason}:\n${printed}`));
        });
      const look = () => {
        const line = this.lines.find((text) => pattern.test(text));
        if (line !== undefined) settle(() => resolve(line));
        else if (this.#isEnded) fail("it has ended");
      };
      const timer = setTimeout(() => fail(`waited ${timeoutMs} ms`), timeoutMs);
      this.#waiters.add(look);
      look();
    });
  }
}
