import { Session } from "node:inspector";
import { setFlagsFromString } from "node:v8";

// Code that V8 has optimized is not counted.
for (const tier of ["turbofan", "maglev", "sparkplug"]) setFlagsFromString(`--no-${tier}`);

interface FunctionCoverage {
  readonly ranges: readonly { readonly count: number }[];
}

/**
 * For tests: how many blocks of code ran, ours and those of the libraries, while each of `works` did. A measure of work
 * that no clock and no other process has a part in. What V8 does inside itself (a regular expression, an indexOf)
 * counts as one.
 */
export async function countWork(
  works: readonly (() => Promise<unknown>)[],
): Promise<readonly number[]> {
  const session = new Session();
  session.connect();
  const post = (method: string, parameters: object = {}) =>
    new Promise<{
      readonly result?: readonly { readonly functions: readonly FunctionCoverage[] }[];
    }>((resolve, reject) => {
      session.post(method, parameters, (error, result) =>
        error === null ? resolve(result as object) : reject(error),
      );
    });
  try {
    await post("Profiler.enable");
    await post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    const counts: number[] = [];
    for (const work of works) {
      await post("Profiler.takePreciseCoverage");
      await work();
      const { result = [] } = await post("Profiler.takePreciseCoverage");
      counts.push(
        result
          .flatMap(({ functions }) => functions)
          .flatMap(({ ranges }) => ranges)
          .reduce((sum, { count }) => sum + count, 0),
      );
    }
    await post("Profiler.stopPreciseCoverage");
    return counts;
  } finally {
    session.disconnect();
  }
}
