import { type ListenAddress, parseListenAddress } from "@postern/smtp-filter/serve";
import {
  type FakeClock,
  fakeClock,
  type PortScript,
  scriptedPort,
} from "@postern/smtp-filter/testing";
import type { ServerEvent } from "../events.ts";
import { type MilterServer, type ServeOptions, serveMilter } from "../serve.ts";
import { RawMta } from "./raw-mta.ts";

/** A server on a scripted port and a clock that stands still. */
export interface ScriptedServer extends AsyncDisposable {
  readonly server: MilterServer;
  readonly address: ListenAddress;
  readonly clock: FakeClock;
  /** What the port was told. */
  readonly calls: readonly string[];
  readonly events: readonly ServerEvent[];
  connect(): Promise<RawMta>;
  /** Resolves when this many events have come. */
  heard(count: number): Promise<void>;
  /** Resolves when the port was told this. */
  called(call: string): Promise<void>;
}

/** Listens on loopback unless told otherwise. */
export async function scriptedServer(
  script: PortScript = {},
  options: Partial<Omit<ServeOptions, "open" | "onEvent" | "clock">> = {},
): Promise<ScriptedServer> {
  const clock = fakeClock();
  const events: ServerEvent[] = [];
  const calls: string[] = [];
  const server = await serveMilter({
    listener: { kind: "inet", host: "127.0.0.1", port: 0 },
    ...options,
    open: scriptedPort(calls, { describeBody: ({ length }) => length, ...script }),
    onEvent: (event) => events.push(event),
    clock,
  });
  const address = parseListenAddress(server.address);
  if (address === undefined) throw new TypeError(`Cannot read address ${server.address}`);
  return {
    server,
    address,
    clock,
    calls,
    events,
    connect: () => RawMta.open(address),
    heard: (count) => until(() => events.length >= count),
    called: (call) => until(() => calls.includes(call)),
    [Symbol.asyncDispose]: () => server.drain(0),
  };
}

/** Lets the loop turn until it is so. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
