import assert from "node:assert/strict";
import { test } from "node:test";
import { type Place, reactionTo } from "./state-table.ts";
import { ALL_ANSWERED, CONNECT, HELO, MAIL, RCPT, Rig } from "./testing/rig.ts";
import type { Command } from "./wire/command.ts";

const PACKETS: Readonly<Record<Command["kind"], string>> = {
  negotiate: ALL_ANSWERED,
  macros: "DHx\0y\0",
  connect: CONNECT,
  helo: HELO,
  mail: MAIL,
  rcpt: RCPT,
  data: "T",
  header: "LTo\0 x\0",
  "end-of-headers": "N",
  body: "Bab",
  "end-of-message": "E",
  unknown: "UXYZ\0",
  abort: "A",
  quit: "Q",
  "quit-new-connection": "K",
};
const SILENT = new Set<Command["kind"]>(["macros", "abort", "quit", "quit-new-connection"]);
const FROM_MAIL = [ALL_ANSWERED, CONNECT, HELO, MAIL, RCPT];
const LEADS: Readonly<Record<Place, readonly string[]>> = {
  new: [],
  negotiated: [ALL_ANSWERED],
  unopened: [ALL_ANSWERED, CONNECT],
  connected: [ALL_ANSWERED, CONNECT, HELO],
  refused: [ALL_ANSWERED, CONNECT, HELO, MAIL],
  recipients: FROM_MAIL,
  data: [...FROM_MAIL, "T"],
  headers: [...FROM_MAIL, "LTo\0 x\0"],
  body: [...FROM_MAIL, "N"],
};
const refuse = async () => ({ kind: "tempfail" }) as never;
const SCRIPTS: Partial<Record<Place, ConstructorParameters<typeof Rig>[0]>> = {
  refused: { mail: refuse },
  unopened: {
    open: () => {
      throw new Error("cannot open");
    },
  },
};

for (const place of Object.keys(LEADS) as Place[]) {
  test(`${place}: every command gets what the table says, and what is answered exactly one answer`, async () => {
    for (const [kind, packet] of Object.entries(PACKETS) as [Command["kind"], string][]) {
      const rig = new Rig(SCRIPTS[place], { onFailure: "tempfail" });
      await rig.take(...LEADS[place]);
      rig.events.length = 0;
      const answered = await rig.take(packet);
      const reaction = reactionTo(place, kind);
      const what = `${kind}: ${reaction}`;
      assert.equal(rig.seen("out-of-order").length, reaction === "out-of-order" ? 1 : 0, what);
      assert.equal(rig.seen("protocol-error").length, reaction === "close" ? 1 : 0, what);
      const isAnswered = reaction !== "close" && !SILENT.has(kind);
      assert.equal(answered.length, isAnswered ? 1 : 0, `${what}: ${answered}`);
      if (reaction === "pass" || reaction === "out-of-order") assert.equal(answered, "c", what);
      if (reaction === "fail") assert.equal(answered, "t", what);
    }
  });
}
