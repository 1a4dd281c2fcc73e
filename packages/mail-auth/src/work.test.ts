import assert from "node:assert/strict";
import { test } from "node:test";
import { resolverOf } from "@postern/dns";
import { fakeClock } from "@postern/smtp-filter/testing";
import { MessageCheck } from "./message-check.ts";
import { NO_SPF } from "./testing/check-mail.ts";
import { countWork } from "./testing/count-work.ts";
import { hostileRecord } from "./testing/mail/hostile.ts";

/*
 * Twice the size must not be more than twice the work, whatever grows; where a limit bites it is less. Counted in
 * blocks of code that ran, ours and mailauth's.
 */
const MOST_FOR_TWICE = 2.3;
const SIGNATURE =
  " v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From:Subject; bh=AAAA; b=BBBB";

interface Mail {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

const many = (count: number, part: string): string => part.repeat(count);
const fields = (count: number, make: (n: number) => readonly [string, string]) =>
  Array.from({ length: count }, (_, n) => make(n));

/** What grows, by its size. */
const shapes: Readonly<Record<string, readonly [size: number, make: (size: number) => Mail]>> = {
  "folds of a signed field": [
    2_000,
    (size) => ({
      fields: [
        ["DKIM-Signature", SIGNATURE],
        ["Subject", many(size, "\n x")],
      ],
    }),
  ],
  fields: [
    500,
    (size) => ({
      fields: [["DKIM-Signature", SIGNATURE], ...fields(size, (n) => [`X-${n}`, " x"])],
    }),
  ],
  signatures: [
    40,
    (size) => ({
      fields: fields(size, (n) => [
        "DKIM-Signature",
        SIGNATURE.replace("example.com", `d${n}.example`),
      ]),
    }),
  ],
  "names in h=": [
    90,
    (size) => ({
      fields: [["DKIM-Signature", SIGNATURE.replace("h=From", `h=${many(size, "X:")}From`)]],
    }),
  ],
  "tags of a signature": [
    18,
    (size) => ({ fields: [["DKIM-Signature", `${SIGNATURE}${many(size, "; x=y")}`]] }),
  ],
  "blanks in a signature": [
    95,
    (size) => ({
      fields: [["DKIM-Signature", SIGNATURE.replace("; a=", `;${many(size, " ")}a=`)]],
    }),
  ],
  "b= of a signature": [
    4_000,
    (size) => ({ fields: [["DKIM-Signature", `${SIGNATURE}${many(size, "B")}`]] }),
  ],
  "colons in From": [4_000, (size) => ({ fields: [["From", many(size, ":")]] })],
  "groups in From": [2_000, (size) => ({ fields: [["From", many(size, "g:a@b.example;")]] })],
  "comments in From": [
    20,
    (size) => ({ fields: [["From", `${many(size, "(")}${many(size, ")")}a@b.example`]] }),
  ],
  "quotes in From": [4_000, (size) => ({ fields: [["From", `${many(size, '"')}a@b.example`]] })],
  "encoded words in From": [
    500,
    (size) => ({ fields: [["From", `${many(size, "=?utf-8?q?x?= ")}<a@b.example>`]] }),
  ],
  "From fields": [200, (size) => ({ fields: fields(size, () => ["From", " a@b.example"]) })],
  "ARC fields": [
    14,
    (size) => ({
      fields: fields(size, (n) => [
        "ARC-Seal",
        ` i=${n + 1}; a=rsa-sha256; cv=none; d=a.example; s=s; b=AA`,
      ]),
    }),
  ],
  "List-Unsubscribe": [
    4_000,
    (size) => ({ fields: [["List-Unsubscribe", many(size, "<mailto:a@b>, ")]] }),
  ],
  "a body of one line": [
    50_000,
    (size) => ({ fields: [["DKIM-Signature", SIGNATURE]], body: many(size, "x y  ") }),
  ],
  "a body of blanks": [
    50_000,
    (size) => ({ fields: [["DKIM-Signature", SIGNATURE]], body: many(size, " \t") }),
  ],
  "a body of empty lines": [
    50_000,
    (size) => ({ fields: [["DKIM-Signature", SIGNATURE]], body: many(size, "\r\n") }),
  ],
  "a body of CRs": [
    50_000,
    (size) => ({ fields: [["DKIM-Signature", SIGNATURE]], body: many(size, "\r") }),
  ],
};

const resolver = resolverOf(async (name) => {
  const record = hostileRecord(name);
  return record === undefined
    ? { status: "none", reason: "nxdomain" }
    : { status: "found", value: [record] };
});

async function check({ fields: header, body = "" }: Mail): Promise<void> {
  const checked = new MessageCheck({ resolver, clock: fakeClock() });
  for (const [name, value] of header)
    checked.header(Buffer.from(name, "latin1"), Buffer.from(value, "latin1"));
  const bytes = Buffer.from(body, "latin1");
  for (let at = 0; at < bytes.length; at += 4_096) checked.body(bytes.subarray(at, at + 4_096));
  await checked.end(NO_SPF);
}

for (const [name, [size, make]] of Object.entries(shapes)) {
  test(`work: twice as much of ${name} is at most twice the work`, async () => {
    await check(make(size)); // what is done once in a process is done
    const [once = 0, twice = 0] = await countWork([
      () => check(make(size)),
      () => check(make(2 * size)),
    ]);
    assert.ok(once > 100, `${once} blocks`);
    assert.ok(twice <= once * MOST_FOR_TWICE, `${once} blocks, then ${twice}`);
  });
}

test("work: counting sees what is quadratic", async () => {
  const quadratic = async (size: number): Promise<number> => {
    let sum = 0;
    for (let a = 0; a < size; a += 1) for (let b = 0; b < size; b += 1) sum += 1;
    return sum;
  };
  const [once = 0, twice = 0] = await countWork([() => quadratic(300), () => quadratic(600)]);
  assert.ok(twice > once * MOST_FOR_TWICE, `${once} blocks, then ${twice}`);
});
