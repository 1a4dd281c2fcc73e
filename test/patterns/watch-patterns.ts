/** Called for each run of a pattern over a text from its start. */
export type Seen = (pattern: RegExp, text: string) => void;

/**
 * For tests: tells of every pattern that runs while `work` does, whoever runs it: `test`, `replace`, `match` and the
 * others all go by `exec` once it is not V8's own any more (ECMAScript section 22.2.7.1).
 */
export async function watchPatterns(seen: Seen, work: () => Promise<unknown>): Promise<void> {
  const { exec, [Symbol.split]: split } = RegExp.prototype;
  const isNew = (pattern: RegExp): boolean => pattern.lastIndex === 0;
  RegExp.prototype.exec = function (this: RegExp, text: string) {
    if (isNew(this)) seen(this, String(text));
    return Reflect.apply(exec, this, [text]);
  };
  // By itself it would ask exec at every character.
  RegExp.prototype[Symbol.split] = function (this: RegExp, text: string, limit?: number) {
    seen(this, String(text));
    return splitAlone(this, () => Reflect.apply(split, this, [text, limit]));
  };
  const watching = RegExp.prototype.exec;
  function splitAlone(_: RegExp, run: () => string[]): string[] {
    RegExp.prototype.exec = exec;
    try {
      return run();
    } finally {
      RegExp.prototype.exec = watching;
    }
  }
  try {
    await work();
  } finally {
    RegExp.prototype.exec = exec;
    RegExp.prototype[Symbol.split] = split;
  }
}
