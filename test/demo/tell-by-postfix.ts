import { join } from "node:path";
import { startPostfix } from "../mta/postfix.ts";
import { openSink } from "../mta/sink.ts";
import { converse } from "../mta/smtp-client.ts";
import { messageOf } from "./clients.ts";
import type { OpenTell } from "./show.ts";

const PORT = 2525;

/** Six clients with addresses of their own, through a real Postfix. */
export const tellByPostfix: OpenTell = async (address, folder) => {
  const sink = await openSink();
  const postfix = await startPostfix({
    instanceDir: join(folder, "postfix"),
    port: PORT,
    sinkPort: sink.port,
    dns: "hosts",
    milters: address,
    milterDefaultAction: "tempfail",
  });
  return {
    async tell(demoClient) {
      const { ip, helo, from } = demoClient;
      const already = sink.messages.length;
      const transcript = await converse({
        host: "127.0.0.1",
        port: PORT,
        localAddress: ip,
        steps: [
          { kind: "banner" },
          { kind: "ehlo", name: helo },
          { kind: "mail", from },
          { kind: "rcpt", to: "bob@example.org" },
          { kind: "data", message: messageOf(demoClient) },
          { kind: "quit" },
        ],
      });
      const told = transcript.find(({ reply }) => (reply?.code ?? 0) >= 400);
      if (told?.reply !== undefined)
        return [`told after ${told.sent.split(/[ :]/)[0]}: ${told.reply.code} ${told.reply.text}`];
      const [delivered] = (await sink.waitFor(already + 1)).slice(already);
      const header = delivered?.bytes.toString("latin1").split("\r\n\r\n")[0] ?? "";
      const ours =
        /^(?:Authentication-Results|X-Postern|X-Spam|X-Spam-Flag|X-SenderScore):.*(?:\r\n[ \t].*)*/gm;
      return [
        "delivered, with on top:",
        ...(header.match(ours) ?? []).map((field) => `  ${field.replaceAll(/\r\n\s*/g, " ")}`),
      ];
    },
    async [Symbol.asyncDispose]() {
      await postfix.stop();
      await sink.close();
    },
  };
};
