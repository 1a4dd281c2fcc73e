import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { test } from "node:test";
import { readSettled, shownPath, whyUnreadable } from "./read-file.ts";

const cases: readonly { path: string; cwd: string; shown: string }[] = [
  { path: "/etc/postern/postern.yaml", cwd: "/", shown: "/etc/postern/postern.yaml" },
  { path: "/etc/postern/postern.yaml", cwd: "/etc/postern", shown: "postern.yaml" },
  { path: "/etc/postern/postern.yaml", cwd: "/home/a", shown: "/etc/postern/postern.yaml" },
];
for (const { path, cwd, shown } of cases)
  test(`shownPath: ${path} from ${cwd}`, () => assert.equal(shownPath(path, cwd), shown));

/** For tests: an open file that somebody appends to, so many times, each time while it is read. */
function growing(times: number): Parameters<typeof readSettled>[0] & { reads: number } {
  let content = Buffer.from("a");
  let left = times;
  return {
    reads: 0,
    stat: async () =>
      Object.assign(statSync(import.meta.filename, { bigint: true }), {
        size: BigInt(content.length),
        mtimeNs: BigInt(left),
      }),
    async read(buffer, offset, length, position) {
      const bytesRead = content.copy(buffer, offset, position, position + length);
      if (position > 0) return { bytesRead };
      this.reads += 1;
      if (left > 0) {
        left -= 1;
        content = Buffer.concat([content, Buffer.from("b")]);
      }
      return { bytesRead };
    },
  };
}

test("readSettled: a file that grows while it is read is read again, whole", async () => {
  const file = growing(2);
  assert.equal((await readSettled(file, 100)).toString(), "abb");
  assert.equal(file.reads, 3);
});

test("readSettled: one that goes on growing is refused", async () => {
  const file = growing(100);
  await assert.rejects(readSettled(file, 100), (error) => {
    assert.equal(whyUnreadable(error), "is being written to: write another file and rename it");
    return true;
  });
  assert.equal(file.reads, 3);
});

test("readSettled: one that is longer than it said is read to the limit, not to its end", async () => {
  let given = 0;
  const stat = async () =>
    Object.assign(statSync(import.meta.filename, { bigint: true }), { size: 0n });
  const read = async (_buffer: Buffer, _offset: number, length: number) => {
    given += length;
    return { bytesRead: length };
  };
  await assert.rejects(readSettled({ stat, read }, 1_000_000), (error) => {
    assert.equal(whyUnreadable(error), "is too large: the limit is 1000000 bytes");
    return true;
  });
  assert.ok(given < 3_000_000, String(given));
});
