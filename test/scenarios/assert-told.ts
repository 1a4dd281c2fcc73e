import assert from "node:assert/strict";
import { readSentClaim } from "@postern/filter-runtime";
import { type Exchange, formatTranscript, replyTo } from "../mta/smtp-client.ts";
import type { Reply } from "../mta/smtp-replies.ts";
import { assertId, withoutId } from "./decision-id.ts";
import { expectedLog, isLogged } from "./log-fields.ts";
import { recordCell } from "./parity.ts";
import { headerOf, type Rig } from "./rig.ts";
import type { Front, Scenario } from "./scenario.ts";
import { until } from "./until.ts";
import { untimed } from "./untimed.ts";

/** What a mail server shows differently from Postfix, whoever filters for it. */
export interface Manner {
  readonly front: Front;
  /** As the log names it. */
  readonly mta: string;
  /** The stage at which the client reads a verdict that Postfix shows at another; the log names it too. */
  readonly stageOf?: (scenario: Scenario, stage: string) => string | readonly string[];
  /** Fields of the log's line that tell something else here: they are not looked at. */
  readonly unlike?: (scenario: Scenario) => readonly string[];
  /** What stands in the reply; default: the sentence, without its code. */
  readonly words?: (reply: string) => string;
  /** Whether what is accepted comes to the sink. Default: it is awaited there. */
  readonly delivery?: "awaited" | "none";
  /** Whether it tells its name of a message that it takes. Default: it does. */
  readonly queueId?: "untold";
  /** Where it differs from the one of the policy. */
  readonly code?: (reply: string, scenario: Scenario) => string;
}

/** Plays nothing: looks whether what became of a played scenario is what its row expects. */
export async function assertTold(
  rig: Pick<Rig, "sink"> & { readonly lines: () => readonly string[] },
  scenario: Scenario,
  transcript: readonly Exchange[],
  before: { readonly messages: number; readonly lines: number },
  manner: Manner,
): Promise<void> {
  const { expect, id } = scenario;
  const said = formatTranscript(transcript);
  const refusal = transcript.find(({ reply }) => (reply?.code ?? 0) >= 400);
  const refused = refusal?.reply ?? null;
  if (expect.reply === null) {
    assert.equal(replyTo(transcript, "(message")?.code, 250, said);
  } else {
    const words = manner.words ?? ((reply: string) => reply.slice(4));
    const code = manner.code ?? ((reply: string) => reply.slice(0, 3));
    assert.ok(inOneLine(refused).includes(words(expect.reply)), said);
    assert.equal(String(refused?.code), code(expect.reply, scenario), said);
    assertId(inOneLine(refused), scenario);
  }
  const fresh = (): readonly string[] => rig.lines().slice(before.lines).map(untimed);
  const isTold = toldBy(scenario, manner);
  await until(
    () => fresh().some(isTold),
    () => `${JSON.stringify(expect.log)}\n${fresh().join("\n")}`,
  );
  if (expect.reply === null && manner.queueId !== "untold")
    assert.ok(
      fresh().some((line) => isTold(line) && / queue=[\w-]{8,}/.test(line)),
      `no queue id in\n${fresh().join("\n")}`,
    );
  const isAccepted = expect.reply === null || expect.headers !== undefined;
  if (isAccepted && manner.delivery !== "none") {
    await rig.sink.waitFor(before.messages + 1);
    const header = headerOf(rig.sink.messages.at(-1)?.bytes);
    for (const wanted of expect.headers ?? []) assert.match(header, wanted);
    for (const absent of expect.absentHeaders ?? []) assert.doesNotMatch(header, absent);
    // Where there is a store, its proof comes through as it was made.
    if (scenario.remembered !== undefined)
      assert.equal(readSentClaim(header).kind, "claim", header);
  } else {
    assert.equal(rig.sink.messages.length, before.messages, "nothing may be delivered");
  }
  recordCell({
    front: manner.front,
    id,
    reply: refused && withoutId(inOneLine(refused), fresh()),
    at: stageOf(refusal),
  });
}

/** Where a refusal was read: the command it answered, in our words. */
function stageOf(refusal: Exchange | undefined): string {
  if (refusal === undefined || refusal.sent.startsWith("(message")) return "message";
  const [word = ""] = refusal.sent.toLowerCase().split(/[ \r:]/);
  return { "": "connect", ehlo: "helo", data: "message" }[word] ?? word;
}

/** A reply in one line: Exim breaks long texts and repeats the enhanced code. */
export function inOneLine(reply: Reply | null | undefined): string {
  if (!reply) return "";
  return `${reply.code} ${reply.text.replaceAll(/\n(?:\d\.\d+\.\d+ )?/g, " ")}`;
}

/** Whether a line of the log is the one that the row expects of this mail server. */
function toldBy(scenario: Scenario, { mta, stageOf, unlike }: Manner): (line: string) => boolean {
  const { stage } = scenario.expect.log;
  const stages = stage === undefined ? [] : [stageOf?.(scenario, stage) ?? stage].flat();
  const expected = { ...expectedLog(scenario.expect) };
  for (const field of unlike?.(scenario) ?? []) delete expected[field];
  return (line) => isLogged(line, mta, stages, expected);
}
