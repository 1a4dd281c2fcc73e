import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { frameOf } from "../testing/raw-mta.ts";
import { offer } from "../testing/rig.ts";
import { connectMta, type MtaConnection } from "./connect.ts";

const AGREED = offer(6, 0x11, 0x400);
const PEER = { family: "inet", port: 41_000, address: "192.0.2.1" } as const;

/** A filter that says these bytes, one item for each write of the MTA, and then closes or stays silent. */
async function fakeFilter(
  t: TestContext,
  says: readonly (string | Uint8Array)[],
  then: "close" | "stay",
): Promise<{ readonly kind: "inet"; readonly host: string; readonly port: number }> {
  const server = createServer((socket) => {
    t.after(() => socket.destroy());
    socket.on("error", () => {});
    // The offer is answered at once, everything else when its command is complete: it has no macro packet before it.
    const left = [...says];
    const sayNext = (): void => {
      const next = left.shift();
      if (next !== undefined) socket.write(typeof next === "string" ? frameOf(next) : next);
      if (left.length === 0 && then === "close") socket.end();
    };
    let isFirst = true;
    socket.on("data", (chunk: Buffer) => {
      if (isFirst || chunk.includes("192.0.2.1")) sayNext();
      isFirst = false;
    });
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return { kind: "inet", host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

async function connected(mta: MtaConnection): Promise<unknown> {
  return mta.client.connect("mail.example.com", PEER);
}

test("connectMta: nobody is there", async (t) => {
  const address = await fakeFilter(t, [], "stay");
  await assert.rejects(
    connectMta({ ...address, port: 1 }),
    /^Error: Cannot connect to inet:127.0.0.1:1: .*ECONNREFUSED/,
  );
});

for (const { name, says, error } of [
  { name: "garbage", says: [Buffer.from("220 mx ESMTP\r\n")], error: /Cannot read packet of/ },
  { name: "another answer", says: ["c"], error: /Cannot take continue as the answer to negotiate/ },
  { name: "version 7", says: [offer(7, 0, 0)], error: /Cannot agree on version 7/ },
  { name: "a bit that was not offered", says: [offer(6, 0x200, 0)], error: /bits 0x200/ },
  { name: "a short answer", says: ["O\0\0"], error: /Cannot read byte/ },
]) {
  test(`connectMta: ${name} instead of a negotiation`, async (t) => {
    await assert.rejects(connectMta(await fakeFilter(t, says, "stay")), error);
  });
}

test("connectMta: the filter closes instead of negotiating", async (t) => {
  await assert.rejects(
    connectMta(await fakeFilter(t, [], "close")),
    /^Error: Cannot go on with inet:127.0.0.1:\d+: it closed$/,
  );
});

for (const { name, answer, error } of [
  { name: "an unknown letter", answer: "Z", error: /Cannot decode response 0x5a/ },
  { name: "a byte too many", answer: "cX", error: /1 bytes left over/ },
  {
    name: "an edit before the end of the message",
    answer: "hA\0b\0",
    error: /Cannot take add-header/,
  },
  { name: "a second negotiation", answer: offer(6, 0, 0), error: /Cannot take negotiate/ },
  { name: "SMFIR_CONN_FAIL", answer: "f", error: /Cannot take connection-failed/ },
  { name: "a 250 as refusal", answer: "y250 ok\0", error: /Cannot decode reply/ },
]) {
  test(`MilterClient: ${name}`, async (t) => {
    await using mta = await connectMta(await fakeFilter(t, [AGREED, answer], "stay"));
    await assert.rejects(connected(mta), error);
    await mta.closed;
    await assert.rejects(mta.client.helo("x"), error);
  });
}

test("MilterClient: the filter closes before its answer", async (t) => {
  await using mta = await connectMta(await fakeFilter(t, [AGREED, new Uint8Array()], "close"));
  await assert.rejects(connected(mta), /it closed/);
});

test("MilterClient: no answer in time", async (t) => {
  const address = await fakeFilter(t, [AGREED], "stay");
  await using mta = await connectMta(address, { silenceMs: 20 });
  await assert.rejects(connected(mta), /no answer came within 20 ms/);
});

test("MilterClient: PROGRESS is counted and waited out", async (t) => {
  const answer = Buffer.concat([frameOf("p"), frameOf("p"), frameOf("c")]);
  await using mta = await connectMta(await fakeFilter(t, [AGREED, answer], "stay"));
  assert.deepEqual(await connected(mta), { kind: "continue" });
  assert.equal(mta.client.progressCount, 2);
});

test("MilterClient: an answer that nobody asked for", async (t) => {
  const answer = Buffer.concat([frameOf("c"), frameOf("c")]);
  await using mta = await connectMta(await fakeFilter(t, [AGREED, answer], "stay"));
  assert.deepEqual(await connected(mta), { kind: "continue" });
  await mta.closed;
  await assert.rejects(mta.client.helo("x"), /Cannot take continue: no answer is awaited/);
});
