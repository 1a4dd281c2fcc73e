import type { Socket } from "node:net";
import { parseIpAddress } from "@postern/filter-core";
import { formatAddress, type MilterAddress } from "./address.ts";
import type { ServerEvent } from "./events.ts";
import { Link } from "./link.ts";
import type { SessionOptions } from "./options.ts";
import type { Counters, EventLog } from "./server-events.ts";

/** Who may come in, and how long one may take. Times in milliseconds. */
export interface GateOptions extends Omit<SessionOptions, "onEvent"> {
  readonly address: MilterAddress;
  /** More than these are closed at once, so that the MTA's default action applies without delay. Default 2,000. */
  readonly maxConnections?: number;
  /** For the OPTNEG packet, from the connection on. Default 30,000. */
  readonly negotiationDeadlineMs?: number;
  /** For a whole packet, from its first byte on. Default 60,000. */
  readonly packetDeadlineMs?: number;
  /** Between commands; SMTP clients may think for an hour. Default 7,210,000, as libmilter. */
  readonly idleDeadlineMs?: number;
}

/** Lets connections in, and knows those that are. */
export class Gate {
  readonly #options: GateOptions;
  readonly #session: SessionOptions;
  readonly #log: EventLog;
  readonly #links = new Set<Link>();
  #accepted = 0;

  constructor(options: GateOptions, log: EventLog) {
    this.#options = options;
    this.#log = log;
    this.#session = { ...options, onEvent: (event) => log.report(event) };
  }

  get counters(): Counters {
    return { open: this.#links.size, accepted: this.#accepted, events: this.#log.counts };
  }

  admit(socket: Socket): void {
    const { address, maxConnections: limit = 2000 } = this.#options;
    const peer = address.kind === "unix" ? formatAddress(address) : (socket.remoteAddress ?? "?");
    if (!isAllowed(address, peer)) this.#refuse(socket, { kind: "refused-connection", peer });
    else if (this.#links.size >= limit) this.#refuse(socket, { kind: "over-limit", peer, limit });
    else this.#open(socket, peer);
  }

  abortAll(): void {
    for (const link of this.#links) link.abort();
  }

  #open(socket: Socket, peer: string): void {
    const { negotiationDeadlineMs, packetDeadlineMs, idleDeadlineMs } = this.#options;
    this.#accepted += 1;
    const link = new Link(socket, this.#session, peer, {
      deadlines: {
        negotiation: negotiationDeadlineMs ?? 30_000,
        "rest-of-packet": packetDeadlineMs ?? 60_000,
        command: idleDeadlineMs ?? 7_210_000,
      },
      onMissed: (waitedFor, deadlineMs) =>
        this.#log.report({ kind: "peer-deadline", peer, waitedFor, deadlineMs }),
    });
    this.#links.add(link);
    socket.once("close", () => this.#links.delete(link));
  }

  #refuse(socket: Socket, event: ServerEvent): void {
    socket.on("error", () => {});
    socket.destroy();
    this.#log.report(event);
  }
}

function isAllowed(address: MilterAddress, peer: string): boolean {
  if (address.kind === "unix" || address.allowRemote === undefined) return true;
  const remote = parseIpAddress(peer);
  return remote !== undefined && address.allowRemote(remote);
}
