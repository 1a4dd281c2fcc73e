import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const HELPER = JSON.stringify(new URL("./end-what-is-left.ts", import.meta.url).href);

/** A test file of its own, which opens a server and closes it after the tests, if it comes to that. */
function run(
  limitMs: number,
  before: string,
): { readonly status: number | null; readonly output: string } {
  const program = `
    import { createServer } from "node:net";
    import { after, before, test } from "node:test";
    import { endWhatIsLeft } from ${HELPER};
    endWhatIsLeft(${limitMs});
    const server = createServer().listen(0, "127.0.0.1");
    let other;
    before(() => { ${before} });
    after(() => { other.close(); server.close(); });
    test("a test", () => {});
  `;
  const argv = ["--conditions=source", "--input-type=module", "--eval", program];
  const env: NodeJS.ProcessEnv = { ...process.env };
  delete env["NODE_TEST_CONTEXT"];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { env, timeout: 60_000 });
  return { status, output: `${stdout}${stderr}` };
}

test("a test file whose before fails ends, and says what is open", () => {
  const { status, output } = run(1, 'throw new Error("no mail server")');
  assert.equal(status, 1, output);
  assert.match(output, /no mail server/);
  assert.match(output, /these are still open: .*TCPServerWrap/);
});

test("a test file that closes everything ends by itself", () => {
  const { status, output } = run(600_000, "other = createServer().listen(0);");
  assert.equal(status, 0, output);
  assert.doesNotMatch(output, /still open/);
});
