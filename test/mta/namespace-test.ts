import { test } from "node:test";
import { realMtaAvailability } from "./available.ts";
import { cacheDirectory } from "./cache-directory.ts";
import { endWhatIsLeft } from "./end-what-is-left.ts";
import { fetchPackages, type MtaName } from "./fetch-packages.ts";
import { insideNamespace, runInNamespace } from "./namespace.ts";

/**
 * Makes a test file whose tests need a real mail server. Outside it registers one test, which fetches
 * the packages and runs the same file again in its own namespaces; there `define` registers the tests.
 * Where that cannot be, the test is skipped and the reason printed as a line of its own.
 * @param file import.meta.filename of the test file.
 * @param mtas the mail servers it needs.
 */
export function testInNamespace(
  name: string,
  file: string,
  define: () => void,
  mtas: readonly MtaName[] = ["postfix"],
): void {
  if (insideNamespace()) {
    endWhatIsLeft();
    define();
    return;
  }
  test(name, async (context) => {
    const availability = realMtaAvailability();
    switch (availability.kind) {
      case "forbidden-skip":
        throw new Error(availability.reason);
      case "skip":
        process.stdout.write(`${availability.reason}\n`);
        context.skip(availability.reason);
        return;
      case "available": {
        const say = (line: string) => void process.stdout.write(`${line}\n`);
        const { ip } = await fetchPackages(cacheDirectory(), say, mtas);
        const result = await runInNamespace(file, [], { ip, output: "capture" });
        if (result.exitCode !== 0) {
          throw new Error(`Tests in the namespace failed (${result.exitCode}):\n${result.output}`);
        }
        return;
      }
      default:
        return unreachable(availability);
    }
  });
}

function unreachable(value: never): never {
  throw new TypeError(`Unknown availability ${JSON.stringify(value)}`);
}
