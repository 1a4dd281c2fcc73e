import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Exim, startExim } from "../mta/exim.ts";
import { withEximBh } from "../mta/exim-bh.ts";
import { testInNamespace } from "../mta/namespace-test.ts";
import { converse } from "../mta/smtp-client.ts";
import { assertTold } from "./assert-told.ts";
import { eximManner } from "./exim-manner.ts";
import { authenticator, withPostern } from "./exim-rig.ts";
import { stepsOf } from "./exim-steps.ts";
import { longReply } from "./long-reply.ts";
import { overBudget } from "./over-budget.ts";
import { openRig, type Rig } from "./rig.ts";
import { table } from "./table.ts";

/** As an admin tries it: `exim -bh ADDRESS` asks the daemon that runs, and nothing is delivered. */
const define = (): void => {
  let rig: Rig;
  let exim: Exim;

  before(async () => {
    rig = await openRig({ listen: { milter: [], exim: "inet:127.0.0.1:8892" } });
    exim = await startExim(
      await withPostern({
        instanceDir: join(rig.folder, "exim"),
        port: 2826,
        sinkPort: rig.sink.port,
        ipv6: true,
        settings: ["smtputf8_advertise_hosts = *"],
        sections: authenticator,
      }),
    );
  });
  after(async () => {
    await exim.stop();
    await rig.close();
  });

  for (const scenario of [...table, longReply, overBudget]) {
    if (scenario.cells.eximBh !== "real") continue;
    test(`exim -bh: ${scenario.id}`, async () => {
      await rig.prepare(scenario);
      const seen = { messages: rig.sink.messages.length, lines: rig.daemon().lines().length };
      const { ip, listener } = scenario.client;
      const client = { address: ip, arrivalPort: listener === "submission" ? 587 : 25 };
      const transcript = await withEximBh(exim, client, (port) =>
        converse({ host: "127.0.0.1", port, steps: stepsOf(scenario) }),
      );
      await assertTold(
        { sink: rig.sink, lines: () => rig.daemon().lines() },
        scenario,
        transcript,
        seen,
        { ...eximManner("eximBh"), delivery: "none" },
      );
    });
  }
};

testInNamespace("scenarios on exim -bh", import.meta.filename, define, ["exim"]);
