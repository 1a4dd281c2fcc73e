import { once } from "node:events";
import { chmod, chown } from "node:fs/promises";
import { createServer } from "node:net";

/** What a daemon would have been told. */
export interface Mark {
  readonly mark: string;
  readonly user: string;
  readonly header: string;
}

/** Stands in for the daemon's `listen.learn`: takes every mark, says that it has learned. */
export interface LearnSocket {
  readonly marks: Mark[];
  close(): Promise<void>;
}

/** Listens at `path` with mode 0660 and this group, as the recipe's postern.yaml says. */
export async function openLearnSocket(path: string, group: number): Promise<LearnSocket> {
  const marks: Mark[] = [];
  const server = createServer((socket) => {
    let request = "";
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      request += chunk.toString("latin1");
      const end = /\n\r?\n/.exec(request);
      if (end === null) return;
      const [, mark = "", user = "", header = ""] =
        /^postern-learn 1 (spam|ham) (.*)\n([\s\S]*)$/.exec(request.slice(0, end.index + 1)) ?? [];
      marks.push({ mark, user, header });
      socket.end("learned 0123456789abcdef\n");
    });
  });
  server.listen(path);
  await once(server, "listening");
  await chown(path, 0, group);
  await chmod(path, 0o660);
  return {
    marks,
    async close() {
      server.close();
      await once(server, "close");
    },
  };
}
