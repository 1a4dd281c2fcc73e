import { join } from "node:path";

/** What INPUT_MAIL_FILTER may say of a milter that fails; empty: nothing. */
export const FLAGS = ["", "F=T", "F=R", "F=4"] as const;
export type Flag = (typeof FLAGS)[number];

/** One port of a Sendmail, with one milter that stands for no other. */
export interface Front {
  readonly flag: Flag;
  readonly over: "inet" | "unix";
  readonly port: number;
}

/** Where a filter listens, both ways. */
export interface Sockets {
  readonly port: number;
  /** Below the instance's run. */
  readonly path: string;
}

/** A port for each flag and each kind of socket, from `firstPort` on. */
export function frontsFrom(firstPort: number): readonly Front[] {
  return FLAGS.flatMap((flag, at) => [
    { flag, over: "inet", port: firstPort + 2 * at },
    { flag, over: "unix", port: firstPort + 2 * at + 1 },
  ]);
}

/**
 * The lines of the .mc file: each port has a milter of its own (`InputFilter` of DaemonPortOptions). A milter that is
 * silent is given up after `replySeconds`; Sendmail's default is 10.
 */
export function frontLines(
  fronts: readonly Front[],
  { port, path }: Sockets,
  replySeconds: number,
): readonly string[] {
  return fronts.flatMap((front) => {
    const name = `on${front.port}`;
    const socket = front.over === "inet" ? `inet:${port}@127.0.0.1` : `unix:${join("/run", path)}`;
    const flag = front.flag === "" ? "" : `${front.flag}, `;
    return [
      `MAIL_FILTER(\`${name}', \`S=${socket}, ${flag}T=C:10s;S:10s;R:${replySeconds}s;E:20s')dnl`,
      `DAEMON_OPTIONS(\`Name=${name}, Family=inet, Addr=127.0.0.1, Port=${front.port}, InputFilter=${name}')dnl`,
    ];
  });
}
