import assert from "node:assert/strict";
import { test } from "node:test";
import { defineFilter, type FilterConnection } from "./define-filter.ts";
import { parseMailbox } from "./names.ts";
import type { Client } from "./port.ts";
import { refusal } from "./reply.ts";

const CONTINUE = { kind: "continue" } as const;
const REFUSED = { kind: "refuse", reply: refusal(550, "5.7.1", "no") } as const;
const TO = parseMailbox("b@example.org");
const CLIENT: Client = {
  address: null,
  port: null,
  origin: "network",
  localAddress: null,
  localPort: null,
  daemonName: null,
  mta: { name: "postfix", version: null },
};

const open = (filter: FilterConnection) => defineFilter(() => filter)(CLIENT);

test("defineFilter: {} lets everything pass unseen", async () => {
  const connection = open({});
  assert.deepEqual(await connection.greet(), CONTINUE);
  assert.deepEqual(await connection.hello("x"), CONTINUE);
  assert.deepEqual(await connection.mail("null-sender", []), { answer: CONTINUE });
  connection.misspoke();
  connection.close("quit");
});

test("defineFilter: a transaction of {} sees a message that nobody reads", async () => {
  const { transaction } = await open({
    mail: async () => ({ answer: CONTINUE, transaction: {} }),
  }).mail(TO, []);
  assert.ok(transaction !== undefined);
  assert.deepEqual(await transaction.rcpt(TO), CONTINUE);
  const message = transaction.message();
  await message.begun();
  message.header(Buffer.from("Subject"), Buffer.from(" x"));
  assert.equal(message.body(Buffer.from("x\r\n")), "enough");
  assert.deepEqual(await message.end(), CONTINUE);
  transaction.ended("queued");
});

test("defineFilter: what is there is called, with what came", async () => {
  const told: string[] = [];
  const refuse = (what: string) => {
    told.push(what);
    return REFUSED;
  };
  const { transaction } = await open({
    mail: async () => ({
      answer: CONTINUE,
      transaction: {
        rcpt: async ({ text }) => refuse(text),
        message: () => ({
          body: (chunk) => void told.push(String(chunk.length)),
          end: async (id) => refuse(id ?? ""),
        }),
        ended: (how) => told.push(how),
      },
    }),
  }).mail("null-sender", []);
  assert.deepEqual(await transaction?.rcpt(TO), REFUSED);
  const message = transaction?.message();
  assert.equal(message?.body(Buffer.from("abc")), undefined);
  assert.deepEqual(await message?.end("4XyZ"), REFUSED);
  transaction?.ended("refused");
  assert.deepEqual(told, ["b@example.org", "3", "4XyZ", "refused"]);
});
