import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Exim, startExim } from "../mta/exim.ts";
import { testInNamespace } from "../mta/namespace-test.ts";
import { converse } from "../mta/smtp-client.ts";
import { assertTold } from "./assert-told.ts";
import { eximManner } from "./exim-manner.ts";
import { authenticator, withPostern } from "./exim-rig.ts";
import { proxied, stepsOf } from "./exim-steps.ts";
import { longReply } from "./long-reply.ts";
import { assertOutgoingTeaches } from "./outgoing-teaches.ts";
import { overBudget } from "./over-budget.ts";
import { openRig, type Rig } from "./rig.ts";
import { table } from "./table.ts";

const PORT = 2825;

/** Everything real: Exim behind a proxy that tells the clients' addresses, the daemon as user nobody, the DNS on port 53. */
const define = (): void => {
  let rig: Rig;
  let exim: Exim;

  before(async () => {
    rig = await openRig({ listen: { milter: [], exim: "inet:127.0.0.1:8892" } });
    exim = await startExim(
      await withPostern({
        instanceDir: join(rig.folder, "exim"),
        port: PORT,
        sinkPort: rig.sink.port,
        ipv6: true,
        settings: ["hosts_proxy = 127.0.0.1", "smtputf8_advertise_hosts = *"],
        sections: authenticator,
      }),
    );
  });
  after(async () => {
    await exim.stop();
    await rig.close();
  });

  for (const scenario of [...table, longReply, overBudget]) {
    if (scenario.cells.exim !== "real") continue;
    test(`exim: ${scenario.id}`, async () => {
      await rig.prepare(scenario);
      const seen = { messages: rig.sink.messages.length, lines: rig.daemon().lines().length };
      const steps = [proxied(scenario), ...stepsOf(scenario)];
      const transcript = await converse({ host: "127.0.0.1", port: PORT, steps });
      const lines = () => rig.daemon().lines();
      await assertTold(
        { sink: rig.sink, lines },
        scenario,
        transcript.filter(({ reply }) => reply !== undefined),
        seen,
        eximManner("exim"),
      );
      assert.deepEqual(exim.log().filter(isComplaint), []);
    });
  }

  test("exim: what a user sends teaches whom he knows", () =>
    assertOutgoingTeaches({
      prepare: rig.prepare,
      play: (scenario) =>
        converse({
          host: "127.0.0.1",
          port: PORT,
          steps: [proxied(scenario), ...stepsOf(scenario)],
        }),
      lines: () => rig.daemon().lines(),
    }));
};

/** What Exim writes when a configuration has a fault, or when it got no answer. */
const isComplaint = (line: string): boolean =>
  /postern: no usable answer|failed to expand|error in ACL|panic|X-ACL-Warn/i.test(line);

testInNamespace("scenarios on a real Exim", import.meta.filename, define, ["exim"]);
