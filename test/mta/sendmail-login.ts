import { once } from "node:events";
import { chmod, mkdir, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { SendmailOptions } from "./sendmail.ts";

/** A Sendmail that offers AUTH PLAIN without TLS, and asks {@link openPasswordServer} whether a password is right. */
export const offersLogin: Required<Pick<SendmailOptions, "settings" | "files">> = {
  settings: ["define(`confAUTH_MECHANISMS', `PLAIN')dnl", "TRUST_AUTH_MECH(`PLAIN')dnl"],
  files: { "sasl2/Sendmail.conf": "pwcheck_method: saslauthd\nmech_list: PLAIN\n" },
};

/**
 * Stands in for saslauthd, where the library of Cyrus SASL looks for it: every password `secret` is right.
 * @param runDirectory what the Sendmail sees as /run.
 */
export async function openPasswordServer(runDirectory: string): Promise<AsyncDisposable> {
  const folder = join(runDirectory, "saslauthd");
  await mkdir(folder, { recursive: true });
  const path = join(folder, "mux");
  await rm(path, { force: true });
  const server = createServer((socket) => answer(socket));
  server.listen(path);
  await once(server, "listening");
  await chmod(path, 0o666);
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

/** Asked are user, password, service and realm; question and answer are texts behind their length in two bytes. */
function answer(socket: Socket): void {
  let asked: Buffer = Buffer.alloc(0);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    asked = Buffer.concat([asked, chunk]);
    const texts = textsOf(asked);
    if (texts.length < 4) return;
    const said = texts[1] === "secret" ? "OK" : "NO";
    socket.end(Buffer.concat([Buffer.from([0, said.length]), Buffer.from(said)]));
  });
}

function textsOf(bytes: Buffer): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const end = at + 2 + bytes.readUInt16BE(at);
    if (end > bytes.length) break;
    texts.push(bytes.toString("latin1", at + 2, end));
    at = end;
  }
  return texts;
}
