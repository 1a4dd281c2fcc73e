import assert from "node:assert/strict";
import {
  connectMta,
  type Modification,
  parseListenAddress,
  type Verdict,
} from "@postern/milter-adapter";
import type { Scenario } from "./scenario.ts";

/** What Postfix sends at a time. */
const CHUNK_BYTES = 65_535;

/** What a mail server would have been told. */
export interface Told {
  readonly refusals: readonly string[];
  /** Where the first refusal was told, or else the last answer. */
  readonly at: string;
  /** As delivered; null: the message was not let in. */
  readonly header: string | null;
}

/** Plays a row as a mail server would, over the milter protocol. */
export async function playByMilter(
  address: string,
  { client, helo, from, rcpt, message }: Scenario,
): Promise<Told> {
  const parsed = parseListenAddress(address);
  assert.ok(parsed, address);
  await using mta = await connectMta(parsed, {
    macros: {
      connect: [
        ["v", "Postfix 3.7.11"],
        ["{daemon_name}", client.listener === "submission" ? "ORIGINATING" : "mx"],
      ],
      ...(client.tls === "used" ? { helo: [["{tls_version}", "TLSv1.3"] as const] } : {}),
      ...(client.user === undefined ? {} : { mail: [["{auth_authen}", client.user] as const] }),
    },
  });
  const session = mta.client;
  const refusals: string[] = [];
  const isOn = (verdict: Verdict): boolean => {
    if (verdict.kind === "reply")
      refusals.push(
        [verdict.code, verdict.enhanced, verdict.lines.join(" ")]
          .filter((part) => part !== null)
          .join(" "),
      );
    return verdict.kind === "continue" || verdict.kind === "skip";
  };
  const family = client.ip.includes(":") ? "inet6" : "inet";
  if (!isOn(await session.connect(`[${client.ip}]`, { family, port: 41_000, address: client.ip })))
    return { refusals, at: "connect", header: null };
  if (!isOn(await session.helo(helo))) return { refusals, at: "helo", header: null };
  if (!isOn(await session.mail(Buffer.from(`<${from}>`, "utf8").toString("latin1"))))
    return { refusals, at: "mail", header: null };
  let accepted = 0;
  for (const to of rcpt) if (isOn(await session.rcpt(`<${to}>`))) accepted += 1;
  if (accepted === 0) return { refusals, at: "rcpt", header: null };
  const at = refusals.length > 0 ? "rcpt" : "message";
  if (!isOn(await session.data())) return { refusals, at, header: null };
  const wire = Buffer.from(message, "utf8").toString("latin1");
  const end = wire.indexOf("\n\n");
  const fields = wire.slice(0, end).split(/\n(?![ \t])/);
  for (const field of fields) {
    const colon = field.indexOf(":");
    await session.header(field.slice(0, colon), field.slice(colon + 1));
  }
  await session.endOfHeaders();
  const body = Buffer.from(wire.slice(end + 2).replaceAll("\n", "\r\n"), "latin1");
  for (let start = 0; start < body.length; start += CHUNK_BYTES)
    await session.body(body.subarray(start, start + CHUNK_BYTES));
  const { verdict, modifications } = await session.endOfMessage();
  if (!isOn(verdict)) return { refusals, at, header: null };
  return { refusals, at, header: edited(fields, modifications) };
}

/** The header as a mail server would deliver it after these changes. */
function edited(fields: readonly string[], changes: readonly Modification[]): string {
  const header = [...fields];
  for (const change of changes) {
    if (change.kind === "insert-header") header.unshift(`${change.name}:${change.value}`);
    if (change.kind !== "change-header") continue;
    const named = header.filter((field) => nameOf(field) === change.name.toLowerCase());
    const victim = named[change.ordinal - 1];
    assert.ok(victim !== undefined, `no field ${change.name} ${change.ordinal}`);
    header.splice(header.lastIndexOf(victim), 1);
  }
  return header.join("\n");
}

function nameOf(field: string): string {
  return field.slice(0, field.indexOf(":")).trim().toLowerCase();
}
