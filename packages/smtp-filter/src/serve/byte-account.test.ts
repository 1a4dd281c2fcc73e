import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteAccount } from "./byte-account.ts";

test("ByteAccount: past the bound the greediest is put out, the oldest of equals", () => {
  const account = new ByteAccount(100);
  const out: string[] = [];
  const holds = ["first", "second", "third"].map((name) =>
    account.open((bytes) => out.push(`${name} ${bytes}`)),
  );
  const [first, second, third] = holds;
  first?.set(40);
  second?.set(40);
  third?.set(20);
  assert.deepEqual([out, account.usedBytes, account.putOut], [[], 100, 0]);
  third?.set(21);
  assert.deepEqual([out, account.usedBytes, account.putOut], [["first 40"], 61, 1]);
  first?.set(50);
  assert.equal(account.usedBytes, 61, "who was put out holds nothing any more");
  third?.set(101);
  assert.deepEqual([out.slice(1), account.usedBytes], [["third 101"], 40]);
  second?.close();
  second?.close();
  assert.equal(account.usedBytes, 0);
});

test("ByteAccount: a holder that is put out may close itself and others meanwhile", () => {
  const account = new ByteAccount(10);
  const other = account.open(() => assert.fail("it was closed before"));
  other.set(4);
  const greedy = account.open(() => {
    greedy.close();
    other.close();
  });
  greedy.set(11);
  assert.equal(account.usedBytes, 0);
});

test("ByteAccount: never more than the bound, and whoever holds less than its share stays", () => {
  const people = 8;
  const maxBytes = 1000;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: people - 1 }), fc.nat({ max: 400 })), { maxLength: 200 }),
      (changes) => {
        const account = new ByteAccount(maxBytes);
        const held = new Array<number>(people).fill(0);
        const isOut = new Array<boolean>(people).fill(false);
        const holds = held.map((_, i) =>
          account.open((bytes) => {
            assert.ok(bytes >= maxBytes / people, `${bytes} is less than its share`);
            isOut[i] = true;
            held[i] = 0;
          }),
        );
        for (const [who, bytes] of changes) {
          if (isOut[who] !== true) held[who] = bytes;
          holds[who]?.set(bytes);
          assert.ok(account.usedBytes <= maxBytes);
          assert.equal(
            account.usedBytes,
            held.reduce((sum, one) => sum + one, 0),
          );
        }
      },
    ),
    { seed: 13, numRuns: 200 },
  );
});
