import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { dishonest, honest, type Sent, send } from "./clients.ts";
import { USER } from "./debian-root.ts";
import type { ServiceManager } from "./units/service-manager.ts";

/** What a page has promised at some point, to be shown with mail. */
export type Moment = "observing" | "enforcing" | "alone";

/** Where the mail and the log of a played mail server are. */
export interface Site {
  readonly root: string;
  readonly services: ServiceManager;
  /** The unit whose log has the decisions. */
  readonly logUnit: string;
}

const recipient = `${USER}@example.org`;

/**
 * Sends an honest and a dishonest mail.
 * @throws {Error} with what happened, if it is not what the moment promises.
 */
export async function showMoment(moment: Moment, site: Site): Promise<void> {
  const good = await send(honest, recipient);
  const bad = await send(dishonest, recipient);
  const said = `${good.transcript}\n${bad.transcript}`;
  const headers = await delivered(site, good, said);
  const isMarked = /^X-Postern: /m.test(headers);
  switch (moment) {
    case "alone":
      if (isMarked) throw new Error(`Postern still judges:\n${headers}`);
      await delivered(site, bad, said);
      return;
    case "observing": {
      if (!isMarked) throw new Error(`The honest mail has no X-Postern:\n${headers}`);
      const its = await delivered(site, bad, said);
      if (!/^X-Postern: .*would=(reject|tempfail)/ms.test(its)) {
        throw new Error(`The dishonest mail has no X-Postern with would=:\n${its}`);
      }
      await logged(site, /address=198\.51\.100\.7 .*would=(reject|tempfail) mode=observe/);
      return;
    }
    case "enforcing":
      if (!isMarked) throw new Error(`The honest mail has no X-Postern:\n${headers}`);
      if (bad.refusal === undefined) throw new Error(`The dishonest mail was taken:\n${said}`);
      await logged(site, /address=198\.51\.100\.7 .*action=(reject|tempfail) /);
      return;
    default:
      return unreachable(moment);
  }
}

/** What a client with many faults reads now. @throws {Error} if its mail is taken. */
export async function refusal(): Promise<string> {
  const { refusal: said, transcript } = await send(dishonest, recipient);
  if (said === undefined) throw new Error(`The dishonest mail was taken:\n${transcript}`);
  return said;
}

/** The delivered mail, with its headers. */
async function delivered(site: Site, sent: Sent, said: string): Promise<string> {
  if (sent.refusal !== undefined) throw new Error(`A mail was refused:\n${said}`);
  for (let turn = 0; turn < 300; turn += 1) {
    for (const path of mailFiles(site.root)) {
      const mails = readFileSync(path, "latin1").split(/^(?=From .+@)/m);
      const mail = mails.find((text) => text.includes(`Subject: ${sent.token}\n`));
      if (mail !== undefined) return mail.replaceAll("\r", "");
    }
    await sleep(100);
  }
  throw new Error(`A mail did not arrive within 30 s:\n${said}`);
}

function mailFiles(root: string): readonly string[] {
  const files = [join(root, "var/mail", USER)].filter(
    (path) => existsSync(path) && statSync(path).isFile(),
  );
  for (const folder of ["new", "cur", ".Junk/new"]) {
    const path = join(root, "home", USER, "Maildir", folder);
    if (existsSync(path)) files.push(...readdirSync(path).map((name) => join(path, name)));
  }
  return files;
}

async function logged(site: Site, pattern: RegExp): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) {
    if (site.services.journal(site.logUnit).some((line) => pattern.test(line))) return;
    await sleep(100);
  }
  throw new Error(`The log of ${site.logUnit} has no line ${pattern}`);
}

function unreachable(value: never): never {
  throw new TypeError(`Unknown moment ${JSON.stringify(value)}`);
}
