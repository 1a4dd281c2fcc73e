import { chmod, chown, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A unix socket that a Sendmail of the tests takes for safe. */
export interface SocketPlace {
  /** For the Sendmail that is to use it. */
  readonly instanceDir: string;
  readonly path: string;
  /** As postern.yaml has it. */
  readonly listen: Readonly<Record<string, string>>;
  /** As INPUT_MAIL_FILTER has it: what lies in instanceDir/run is in its /run. */
  readonly seenBySendmail: string;
  remove(): Promise<void>;
}

const NOBODY = 65_534;

/** Makes the folders: the socket's belongs to user nobody, whom the daemon becomes; no other user may write there. */
export async function openSocketPlace(): Promise<SocketPlace> {
  const folder = await mkdtemp(join(tmpdir(), "postern-sendmail-"));
  await chmod(folder, 0o755);
  const instanceDir = join(folder, "sendmail");
  const own = join(instanceDir, "run/postern");
  await mkdir(own, { recursive: true, mode: 0o755 });
  await chown(own, NOBODY, NOBODY);
  const path = join(own, "milter.sock");
  return {
    instanceDir,
    path,
    listen: { address: `unix:${path}`, mode: "0600" },
    seenBySendmail: "unix:/run/postern/milter.sock",
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
