import type { Applied, Backend, RowsListed, RowsRead } from "../backend.ts";
import { entriesOf, isKey } from "../check-change.ts";
import { toFields } from "../fields.ts";
import { MAX_FIELDS, MAX_KEY_BYTES, MAX_KEYS_A_READ, MAX_ROW_BYTES } from "../limits.ts";
import type { Change, Fields, ListedRow } from "../port.ts";
import { decodeRow } from "../row-text.ts";
import type { Connection } from "./connection.ts";
import { codeOf, faultOfServer, isOfARow, textOf } from "./reply-error.ts";
import { CHANGE_ROW, type Script, WALK_KEYS } from "./scripts.ts";

/** What a cluster computes the slot from stands in braces; every command names one row only. */
const BEFORE_KEY = "postern:{";
const AFTER_KEY = "}";

/** Answers come in the order of questions, so a read would wait for the 500 scripts of a batch before it. */
export interface Connections {
  readonly reads: Connection;
  readonly writes: Connection;
}

/**
 * Rows in Redis or Valkey: a string each, changed by a script, so that two hosts lose no updates. How many
 * there are is up to the server's maxmemory.
 */
export class RedisBackend implements Backend {
  readonly name: string;
  readonly #connections: Connections;

  constructor(name: string, connections: Connections) {
    this.name = name;
    this.#connections = connections;
  }

  async read(keys: readonly string[]): Promise<RowsRead> {
    const replies = await Promise.allSettled(
      // Whatever is kept there, no more of it is sent than a row may have, and one byte to tell.
      keys.map((key) =>
        this.#connections.reads.command(["GETRANGE", keyOf(key), "0", String(MAX_ROW_BYTES)]),
      ),
    );
    const rows = new Map<string, Fields>();
    const bad: string[] = [];
    replies.forEach((reply, index) => {
      if (reply.status === "rejected") {
        if (!isOfARow(reply.reason)) throw faultOfServer(this.name, reply.reason);
        bad.push(textOf(reply.reason));
      } else if (reply.value !== "") {
        const fields = typeof reply.value === "string" ? decodeRow(reply.value) : undefined;
        if (fields === undefined) bad.push("a value is not a valid row");
        else rows.set(keys[index] ?? "", toFields(fields));
      }
    });
    return { rows, unreadable: summaryOf(bad) };
  }

  async apply(changes: readonly Change[]): Promise<Applied> {
    const replies = await Promise.allSettled(
      changes.map((change) => this.#run(CHANGE_ROW, [keyOf(change.key)], argumentsOf(change))),
    );
    const errors = replies.flatMap((reply) => (reply.status === "rejected" ? [reply.reason] : []));
    const refusals = errors.filter(isOfARow);
    const faults = errors.filter((error) => !isOfARow(error));
    const written = changes.length - errors.length;
    const [fault] = faults;
    // Once a part of it is written, the rest cannot be told apart any more; the next request meets the same fault.
    if (fault !== undefined && faults.length === changes.length) {
      const certain = faults.map((error) => faultOfServer(this.name, error));
      throw certain.find(({ batch }) => batch === "unknown") ?? certain[0];
    }
    const bad = refusals.filter((error) => codeOf(error) !== "REFUSED").map(textOf);
    return { written, refused: refusals.length, unreadable: summaryOf(bad) };
  }

  async list(prefix: string, limit: number): Promise<RowsListed> {
    const { keys, isCut } = await this.#keysBelow(prefix, limit);
    const rows: ListedRow[] = [];
    for (let at = 0; at < keys.length; at += MAX_KEYS_A_READ) {
      const { rows: some } = await this.read(keys.slice(at, at + MAX_KEYS_A_READ));
      for (const [key, fields] of some) rows.push({ key, fields });
    }
    return { rows, isCut };
  }

  async forget(key: string): Promise<"forgotten" | "absent"> {
    const removed = await this.#orFault(this.#command(["UNLINK", keyOf(key)]));
    return removed === 1 ? "forgotten" : "absent";
  }

  /** A write, as a replica and a server without memory can be read. */
  async probe(): Promise<void> {
    await this.#orFault(this.#command(["SET", keyOf("probe"), "probe=1", "EX", "60"]));
    await this.read(["probe"]);
  }

  async close(): Promise<void> {
    this.#connections.reads.close();
    this.#connections.writes.close();
  }

  async #keysBelow(prefix: string, limit: number): Promise<{ keys: string[]; isCut: boolean }> {
    const pattern = `${BEFORE_KEY}${prefix.replaceAll(/[*?[\]\\]/g, "\\$&")}*`;
    const keys = new Set<string>();
    let cursor = "0";
    do {
      const longest = String(keyOf("").length + MAX_KEY_BYTES);
      const reply = await this.#orFault(this.#run(WALK_KEYS, [], [cursor, pattern, longest]));
      const [next, names] = Array.isArray(reply) ? reply : [];
      for (const name of Array.isArray(names) ? names : []) {
        const key = String(name).slice(BEFORE_KEY.length, -AFTER_KEY.length);
        if (isKey(key) && keyOf(key) === name && key !== "probe") keys.add(key);
      }
      cursor = String(next ?? "0");
    } while (cursor !== "0" && keys.size <= limit);
    return { keys: [...keys].slice(0, limit).sort(), isCut: keys.size > limit };
  }

  /** By its hash; a server that was started anew is given the text first. */
  async #run(script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const command = ["EVALSHA", script.sha1, String(keys.length), ...keys, ...args];
    try {
      return await this.#command(command);
    } catch (error) {
      if (codeOf(error) !== "NOSCRIPT") throw error;
      await this.#command(["SCRIPT", "LOAD", script.text]);
      return this.#command(command);
    }
  }

  #command(args: readonly string[]): Promise<unknown> {
    return this.#connections.writes.command(args);
  }

  async #orFault<T>(reply: Promise<T>): Promise<T> {
    try {
      return await reply;
    } catch (error) {
      throw faultOfServer(this.name, error);
    }
  }
}

function keyOf(key: string): string {
  return `${BEFORE_KEY}${key}${AFTER_KEY}`;
}

function argumentsOf({ ttlSeconds, add, setOnce, set, max }: Change): string[] {
  const args = [String(ttlSeconds), String(MAX_ROW_BYTES), String(MAX_FIELDS)];
  const groups = { set, setOnce, max, add };
  for (const [what, fields] of Object.entries(groups)) {
    for (const [name, value] of entriesOf(fields)) args.push(what, name, String(value));
  }
  return args;
}

function summaryOf(reasons: readonly string[]): RowsRead["unreadable"] {
  const [reason] = reasons;
  return reason === undefined ? null : { count: reasons.length, reason };
}
