import {
  type IpAddress,
  type Network,
  networkHas,
  parseIpAddress,
  parseNetwork,
} from "@postern/smtp-filter";
import { z } from "zod";
import { optional, required } from "./key.ts";
import { list, matching, network, oneOrMore, resolvePath, strict, text } from "./values.ts";

export interface UnixListener {
  readonly kind: "unix";
  readonly path: string;
  readonly mode: number;
  readonly group: string | null;
}

export type Listener =
  | UnixListener
  | {
      readonly kind: "inet";
      readonly host: string;
      /** 0: the system chooses one. */
      readonly port: number;
      readonly allowRemote: readonly Network[];
    };

/** The address of a listener, without its options. */
type ListenAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "inet"; readonly host: IpAddress; readonly port: number };

/** sun_path of Linux has 108 bytes with its final zero (unix(7)). */
const MAX_SOCKET_PATH_BYTES = 107;
/** As a configuration names it. */
export const LOOPBACK: readonly string[] = ["127.0.0.0/8", "::1/128"];
const LOOPBACK_NETWORKS = LOOPBACK.flatMap((range) => parseNetwork(range) ?? []);
const FORMS = "unix:/path/to.sock, inet:127.0.0.1:8891 or inet:[::1]:8891";

const address = text<ListenAddress>(
  parseListenAddress,
  /^(?:unix:.*[^/]|inet:(?:\[[0-9A-Fa-f:.]+\]|[0-9.]+|[Ll][Oo][Cc][Aa][Ll][Hh][Oo][Ss][Tt]):\d{1,5})$/,
);

const MODE = /^0?[0-7]{3}$/;

const socketMode = text<{ bits: number }>(
  (written) =>
    MODE.test(written)
      ? { bits: Number.parseInt(written, 8) }
      : { wrong: 'must be a file mode such as "0660"' },
  MODE,
);

/** A user or group name. */
export const account: z.ZodType<string> = matching(
  /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/,
  "must be the name of a user or group",
);

const options = strict({
  address: required(address, {
    meaning: `Where to listen: ${FORMS}. \`localhost\` is 127.0.0.1; other host names are not accepted.`,
  }),
  mode: optional(z.union([socketMode, neverNumber()]), {
    meaning: "Mode of a unix socket, in quotes.",
    otherwise: '`"0660"`',
  }),
  group: optional(account, {
    meaning: "Group of a unix socket.",
    otherwise: "that of the process",
  }),
  allowRemote: optional(list(network), {
    meaning: "Networks that may connect. Required unless the address is loopback or a unix socket.",
    otherwise: "none",
  }),
});

/** One listener as the schema reads it; {@link toListener} resolves its path. */
export interface ListenerDraft extends Partial<z.output<typeof options>> {
  readonly address: ListenAddress;
}

const one: z.ZodType<ListenerDraft> = z
  .union([address.transform((where) => ({ address: where })), options])
  .transform((draft, context) => {
    const wrong = whyNoListener(draft);
    if (wrong === undefined) return draft;
    context.issues.push({
      code: "custom",
      message: wrong,
      input: draft,
      params: { isSentence: true },
    });
    return z.NEVER;
  });

/** One listener or a list of them. */
export const listeners: z.ZodType<readonly ListenerDraft[]> = oneOrMore(one);

/** The same where only unix sockets are taken. */
export interface UnixListenerDraft extends ListenerDraft {
  readonly address: Extract<ListenAddress, { kind: "unix" }>;
}

const oneUnix: z.ZodType<UnixListenerDraft> = one.transform((draft, context) => {
  const { address: where } = draft;
  if (where.kind === "unix") return { ...draft, address: where };
  context.issues.push({
    code: "custom",
    message:
      "marks are taken on a unix socket only, whose mode and group say who may teach: unix:/run/postern/learn.sock",
    input: draft,
    params: { isSentence: true },
  });
  return z.NEVER;
});

/** One unix socket or a list of them. */
export const unixListeners: z.ZodType<readonly UnixListenerDraft[]> = oneOrMore(oneUnix);

export function toListener(draft: ListenerDraft, folder: string): Listener {
  const { address: where, mode, group, allowRemote = [] } = draft;
  if (where.kind === "inet") return { ...where, allowRemote };
  return toUnixListener({ address: where, mode, group }, folder);
}

export function toUnixListener(draft: UnixListenerDraft, folder: string): UnixListener {
  const { address: where, mode, group } = draft;
  const path = resolvePath(folder, where.path);
  return { kind: "unix", path, mode: mode?.bits ?? 0o660, group: group ?? null };
}

function parseListenAddress(written: string): ListenAddress | { wrong: string } {
  const [, scheme, rest = ""] = /^(unix|inet):(.*)$/s.exec(written) ?? [];
  if (scheme === undefined) return { wrong: `must be a socket address: ${FORMS}` };
  if (scheme === "unix") return parseSocketPath(rest);
  const [, inBrackets, plain = "", digits = ""] =
    /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(rest) ?? [];
  if (digits === "") return { wrong: `must be a socket address: ${FORMS}` };
  const port = Number(digits);
  if (port > 65_535) return { wrong: "has an invalid port: ports are 0 to 65535" };
  const name = inBrackets ?? plain;
  const host = parseIpAddress(name.toLowerCase() === "localhost" ? "127.0.0.1" : name);
  if (host === undefined || name.includes("%"))
    return { wrong: `has a host that is not an IP address: write ${FORMS}` };
  return { kind: "inet", host, port };
}

function parseSocketPath(path: string): ListenAddress | { wrong: string } {
  if (path === "" || path.includes("\0")) return { wrong: "has no path after unix:" };
  if (path.endsWith("/")) return { wrong: "ends in a slash: add the name of the socket" };
  return { kind: "unix", path };
}

/** YAML reads 0660 as a number, and as another one. */
function neverNumber(): z.ZodType<{ bits: number }> {
  return z
    .number()
    .meta({ not: {} })
    .transform((mode, context) => {
      const message = 'is read by YAML as another number: put it in quotes, "0660"';
      context.issues.push({ code: "custom", message, input: mode });
      return z.NEVER;
    });
}

/** Why a unix socket cannot have this absolute path; undefined: it can. */
export function whyNoSocketPath(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  return bytes > MAX_SOCKET_PATH_BYTES
    ? `the path ${path.slice(0, 40)}... has ${bytes} bytes: the path of a socket may have at most ${MAX_SOCKET_PATH_BYTES}`
    : undefined;
}

function whyNoListener({
  address: where,
  mode,
  group,
  allowRemote,
}: ListenerDraft): string | undefined {
  if (where.kind === "unix")
    return allowRemote === undefined
      ? undefined
      : "a unix socket has no remote clients: remove allowRemote; mode and group control who may connect";
  if (mode !== undefined || group !== undefined)
    return "mode and group apply to unix sockets only: use allowRemote for an inet listener";
  const isLoopback = LOOPBACK_NETWORKS.some((range) => networkHas(range, where.host));
  if (isLoopback || (allowRemote !== undefined && allowRemote.length > 0)) return undefined;
  const shown = where.host.includes(":") ? `[${where.host}]` : where.host;
  return (
    `inet:${shown}:${where.port} can be reached from other hosts: list those that may connect, ` +
    `{ address: "inet:${shown}:${where.port}", allowRemote: [10.0.0.0/24] }`
  );
}
