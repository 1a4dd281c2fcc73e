import type { Clock } from "../clock.ts";
import { type Client, Connection } from "./connection.ts";
import { hidePassword } from "./hide-password.ts";
import { RedisBackend } from "./redis-backend.ts";

const CONNECT_TIMEOUT_MS = 2_000;
/** Of the client; reads are bounded before that, and batches have 500 commands. */
const MAX_COMMANDS = 20_000;

/** Loads the client only when Redis is used, and connects on the first request. */
export async function openRedis(url: string, clock: Clock): Promise<RedisBackend> {
  const { createClient } = await import("@redis/client");
  const name = nameOf(url);
  const create = (): Client =>
    hidePassword(
      createClient({
        url,
        RESP: 2,
        disableOfflineQueue: true,
        commandsQueueMaxLength: MAX_COMMANDS,
        disableClientInfo: true,
        maintNotifications: "disabled",
        socket: { reconnectStrategy: false, connectTimeout: CONNECT_TIMEOUT_MS },
      }),
      url,
    );
  return new RedisBackend(name, {
    reads: new Connection(name, clock, create),
    writes: new Connection(name, clock, create),
  });
}

/** Without user and password; a URL that is none of a Redis may have a part of them anywhere. */
function nameOf(url: string): string {
  const parsed = URL.parse(url);
  const isUsable =
    parsed !== null &&
    `${parsed.search}${parsed.hash}` === "" &&
    /^(?:\/\d*)?$/.test(parsed.pathname);
  return isUsable ? `${parsed.protocol}//${parsed.host}${parsed.pathname}` : "redis:";
}
