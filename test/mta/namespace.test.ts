import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { realMtaAvailability } from "./available.ts";
import { cacheDirectory } from "./cache-directory.ts";
import { fetchPackages } from "./fetch-packages.ts";
import { insideNamespace, networkNamespace, runInNamespace } from "./namespace.ts";
import { processesIn } from "./processes.ts";

if (insideNamespace()) {
  // The script of the tests below: it leaves a process behind on purpose.
  spawn("sleep", ["1000"], { detached: true, stdio: "ignore" }).unref();
  process.stdout.write(`${networkNamespace()} ${process.argv[2]} ${process.env["COLOUR"]}\n`);
  if (process.argv[2] === "hang") setInterval(() => {}, 1000);
  process.exitCode = 42;
} else {
  const availability = realMtaAvailability();
  const skip = availability.kind === "skip" && availability.reason;

  test("runInNamespace: exit code, output, environment, and nothing survives", {
    skip,
  }, async () => {
    const { ip } = await fetchPackages(cacheDirectory(), () => {});
    const result = await runInNamespace(import.meta.filename, ["blue"], {
      ip,
      env: { COLOUR: "green" },
      output: "capture",
    });
    assert.equal(result.exitCode, 42, result.output);
    const [, namespace = ""] = /^(net:\S+) blue green$/m.exec(result.output) ?? [];
    assert.notEqual(namespace, "", result.output);
    assert.notEqual(namespace, networkNamespace());
    assert.deepEqual(await processesIn(namespace), []);
  });

  test("runInNamespace: a script that hangs is killed", { skip }, async () => {
    const { ip } = await fetchPackages(cacheDirectory(), () => {});
    const options = { ip, output: "capture", timeoutMs: 1500 } as const;
    const result = await runInNamespace(import.meta.filename, ["hang"], options);
    assert.equal(result.exitCode, 124);
    const [, namespace = ""] = /^(net:\S+) hang/m.exec(result.output) ?? [];
    assert.notEqual(namespace, "", result.output);
    for (let tries = 0; tries < 100 && (await processesIn(namespace)).length > 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.deepEqual(await processesIn(namespace), []);
  });
}
