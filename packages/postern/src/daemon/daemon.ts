import { serveExim } from "@postern/exim-adapter";
import { createOpen } from "@postern/filter-runtime";
import { serveMilter } from "@postern/milter-adapter";
import { networkHas, type Open, parseIpAddress, systemClock } from "@postern/smtp-filter";
import type { Config } from "../config/config-types.ts";
import type { Listener, UnixListener } from "../config/listener.ts";
import { changedRestartKeys } from "../config/restart-keys.ts";
import { serveLearn } from "../learn/serve-learn.ts";
import type { Announce } from "../wire-up.ts";
import { announceEximEvent } from "./exim-events.ts";
import { type LiveSettings, openLiveSettings } from "./live-settings.ts";
import { announceEvent } from "./milter-events.ts";
import { writePidFile } from "./pid-file.ts";
import { announcePressure, type MemoryParts, shareMemory } from "./pressure.ts";
import { dropPrivileges } from "./privileges.ts";
import { whyNotReadableAgain } from "./readable-again.ts";

/** How long open sessions may go on after SIGTERM, in milliseconds. */
const DRAIN_MS = 20_000;

/** A socket that mail servers, or `postern learn`, speak to. */
interface Front {
  readonly protocol: "milter" | "exim" | "learn";
  /** As a mail server writes it. */
  readonly address: string;
}

/** A running filter. */
export interface Daemon {
  readonly fronts: readonly Front[];
  /** New conversations are judged by the new configuration, open ones go on by the old. Listeners stay. */
  reload(config: Config): Promise<void>;
  /** Stops listening, lets open sessions end, and ends those that do not. */
  drain(): Promise<void>;
  /** Ends every session at once. */
  stop(): Promise<void>;
}

/**
 * Opens the listeners, writes the pidFile, gives up root, and only then asks the DNS anything.
 *
 * @param write takes one line, without its end: decisions and announcements.
 * @throws {Error} if a listener cannot be opened, the pidFile not be written, or the user does not exist.
 */
export async function startDaemon(config: Config, write: (line: string) => void): Promise<Daemon> {
  const announce: Announce = (text) => write(`postern: ${text}`);
  const settings = openLiveSettings(config, write);
  const memory = shareMemory(config);
  const pressure = announcePressure(config, announce, systemClock);
  const around = { config, memory, pressure, announce };
  const { pidFile } = config;
  let last = config;
  let removePidFile = (): void => {};

  const servers: Server[] = [];
  const endAll = async (drainMs: number): Promise<void> => {
    await Promise.all(servers.map((server) => server.drain(drainMs)));
    await settings.close();
    removePidFile();
  };
  try {
    const open = createOpen(settings.current);
    for (const listener of config.listen.milter)
      servers.push(await listenForMilter(listener, open, around));
    for (const listener of config.listen.exim)
      servers.push(await listenForExim(listener, open, around));
    for (const listener of config.listen.learn)
      servers.push(await listenForMarks(listener, settings.learn, around));
    if (pidFile !== null) removePidFile = writePidFile(pidFile);
    if (config.user !== null) dropPrivileges(config.user);
    const unreadable = whyNotReadableAgain(config);
    if (unreadable !== null) announce(unreadable);
    await Promise.all([settings.openStore(), settings.startDns()]);
  } catch (error) {
    await endAll(0);
    throw error;
  }

  return {
    fronts: servers.map(({ protocol, address }) => ({ protocol, address })),
    async reload(next) {
      for (const key of changedRestartKeys(last, next))
        announce(`${key} has changed: restart to apply it`);
      last = next;
      await settings.reload(next);
    },
    drain: () => endAll(DRAIN_MS),
    stop: () => endAll(0),
  };
}

/** What speaks one of the protocols on one socket. */
interface Server extends Front {
  drain(deadlineMs: number): Promise<void>;
}

/** What listeners of all protocols share. */
interface Around {
  readonly config: Config;
  readonly memory: MemoryParts;
  readonly pressure: (event: { readonly kind: string }) => void;
  readonly announce: Announce;
}

async function listenForMilter(listener: Listener, open: Open, around: Around): Promise<Server> {
  const { announce, pressure } = around;
  const server = await serveMilter({
    ...shared(listener, open, around),
    // Every field is looked at, as far as a message may be long: one behind a limit could pretend to be ours.
    // What is kept of a header, filter-runtime bounds.
    maxHeaders: 1_000_000,
    maxHeaderBytes: 64 << 20,
    onEvent(event) {
      pressure(event);
      announceEvent(event, announce);
    },
  });
  return { protocol: "milter", address: server.address, drain: (ms) => server.drain(ms) };
}

async function listenForExim(listener: Listener, open: Open, around: Around): Promise<Server> {
  const { announce, memory, pressure } = around;
  const server = await serveExim({
    ...shared(listener, open, around),
    sessionAccount: memory.sessions,
    onEvent(event) {
      pressure(event);
      announceEximEvent(event, announce);
    },
  });
  return { protocol: "exim", address: server.address, drain: (ms) => server.drain(ms) };
}

async function listenForMarks(
  listener: UnixListener,
  learn: LiveSettings["learn"],
  { announce, memory }: Around,
): Promise<Server> {
  const server = await serveLearn({ listener, learn, announce, maxBytes: memory.marksBytes });
  return { protocol: "learn", address: server.address, drain: server.drain };
}

/** What listeners of all protocols have in common. */
function shared(listener: Listener, open: Open, { config, memory }: Around) {
  const { limits, onFailure } = config;
  return {
    listener,
    open,
    onFailure,
    maxConnections: limits.connections,
    account: memory.connections,
    ...(listener.kind === "inet" ? { allowPeer: (text: string) => isAllowed(text, listener) } : {}),
  };
}

function isAllowed(text: string, { allowRemote }: Extract<Listener, { kind: "inet" }>): boolean {
  const address = parseIpAddress(text);
  if (address === undefined) return false;
  const isLoopback = address === "::1" || address.startsWith("127.");
  return isLoopback || allowRemote.some((network) => networkHas(network, address));
}
