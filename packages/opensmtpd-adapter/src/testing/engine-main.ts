import { writeSync } from "node:fs";
import { type Answer, refusal } from "@postern/smtp-filter";
import { scriptedPort } from "@postern/smtp-filter/testing";
import { serveEngine } from "../engine.ts";

/** An engine that does what a recipient is called, and marks what it lets in. */
const CONTINUE: Answer = { kind: "continue" };

async function obey(to: string): Promise<Answer> {
  const [wish = ""] = to.split("@");
  if (wish === "spin" || wish === "never") writeSync(2, `wish ${wish}\n`);
  switch (wish) {
    case "refuse":
      return { kind: "refuse", reply: refusal(550, "5.7.1", "refused") };
    case "crash":
      process.exit(3);
      break;
    case "abort":
      process.abort();
      break;
    case "freeze":
      process.kill(process.pid, "SIGSTOP");
      break;
    case "spin":
      for (;;);
    case "eat":
      eat();
      break;
    case "never":
      return new Promise(() => {});
    case "chatter":
      for (let i = 0; i < 10_000; i += 1) process.stderr.write(`line ${i}\n`);
      process.stderr.write(`${"x".repeat(200_000)}\xff\x1b\n`);
      process.stdout.write("filter-result|this|would|end smtpd\n");
      break;
    case "die":
      setImmediate(() => {
        throw new Error("from nowhere");
      });
      break;
    default:
  }
  return CONTINUE;
}

function eat(): void {
  const eaten: string[][] = [];
  for (;;) eaten.push(Array.from({ length: 10_000 }, (_, i) => `${i}${eaten.length}`));
}

const open = scriptedPort([], {
  rcpt: obey,
  body: () => undefined,
  end: async () => ({
    kind: "deliver",
    edits: [{ kind: "insert", name: "X-Seen", value: String(process.pid) }],
  }),
});
const { ended } = serveEngine(open, { onError: (error) => process.stderr.write(`${error}\n`) });
process.on("SIGHUP", () => process.stderr.write("engine reloads\n"));
writeSync(2, `engine ${process.pid} is here\n`);
await ended;
writeSync(2, "engine ends\n");
