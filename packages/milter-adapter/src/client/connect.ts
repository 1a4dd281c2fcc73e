import { connect, type Socket } from "node:net";
import { formatListenAddress, type ListenAddress } from "@postern/smtp-filter/serve";
import { Framer } from "../wire/framing.ts";
import { MilterClient, type MtaOptions } from "./mta.ts";

/** An MTA's connection to a filter. */
export interface MtaConnection extends AsyncDisposable {
  readonly client: MilterClient;
  /** Resolves when the filter has closed, or we have. */
  readonly closed: Promise<void>;
  /** Closes without QUIT, as Postfix does after a refused connection. */
  hangUp(): void;
}

export interface ConnectOptions extends MtaOptions {
  /** How long the connection, and each answer, may take, in milliseconds. PROGRESS starts it anew. Default 10,000. */
  readonly silenceMs?: number;
}

/**
 * Connects to a filter and negotiates with it.
 *
 * @throws {Error} if it cannot be reached or does not answer in time: the message names the address.
 */
export async function connectMta(
  address: ListenAddress,
  options: ConnectOptions = {},
): Promise<MtaConnection> {
  const name = formatListenAddress(address);
  const socket =
    address.kind === "unix" ? connect(address.path) : connect(address.port, address.host);
  // A client whose filter broke the protocol hangs up, as Postfix does.
  const client = new MilterClient(
    options,
    (frame) => socket.write(frame),
    (error) => socket.destroy(error),
  );
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  wire(socket, client, name, options.silenceMs ?? 10_000);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("close", () => reject(new Error(`Cannot connect to ${name}: it was closed`)));
    socket.once("error", ({ message, ...cause }) =>
      reject(new Error(`Cannot connect to ${name}: ${message}`, { cause })),
    );
  });
  const hangUp = (): void => {
    socket.destroy();
  };
  try {
    await client.negotiate();
  } catch (error) {
    hangUp();
    throw error;
  }
  return {
    client,
    closed,
    hangUp,
    async [Symbol.asyncDispose]() {
      if (socket.writable) client.quit();
      socket.destroySoon();
      await closed;
    },
  };
}

function wire(socket: Socket, client: MilterClient, name: string, silenceMs: number): void {
  const framer = new Framer();
  socket.setNoDelay(true);
  socket.setTimeout(silenceMs, () => {
    if (socket.connecting || client.isWaiting)
      socket.destroy(new Error(`no answer came within ${silenceMs} ms`));
  });
  socket.on("data", (chunk) => {
    try {
      framer.push(chunk, (packet) => client.receive(packet));
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  });
  socket.on("error", (error) =>
    client.fail(new Error(`Cannot go on with ${name}: ${error.message}`, { cause: error })),
  );
  socket.on("close", () => client.fail(new Error(`Cannot go on with ${name}: it closed`)));
}
