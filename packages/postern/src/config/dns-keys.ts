import { parseIpAddress } from "@postern/smtp-filter";
import { z } from "zod";
import { group, key, keyOr } from "./key.ts";
import { parseAnyDomain } from "./unicode-names.ts";
import { DOMAIN_SHAPE, text, wholeNumber } from "./values.ts";

/** `dns` of postern.yaml. */
export const dnsKeys = group(
  {
    servers: keyOr(
      z.array(text<string>(parseServer, /^[^\s%]+$/), { error: "" }).min(1, {
        error: "is empty: name a server, or remove the key to use the system's resolvers",
      }),
      {
        meaning: 'DNS resolvers, such as `127.0.0.1`, `"127.0.0.1:5353"` or `"[::1]:53"`.',
        otherwise: "those of the system",
      },
      (servers) => servers ?? null,
    ),
    timeoutMs: key(wholeNumber(50, 8000), {
      meaning: "Timeout of one DNS query, in milliseconds.",
      written: 2000,
    }),
    probe: key(
      text<string>(
        (name) =>
          name === "." ? name : (parseAnyDomain(name) ?? { wrong: "must be a domain name" }),
        DOMAIN_SHAPE,
      ),
      {
        meaning:
          "A name whose NS records are queried to test whether the resolver works; `.` is the root.",
        written: ".",
      },
    ),
  },
  { meaning: "DNS lookups.", reload: "live" },
);

function parseServer(written: string): string | { wrong: string } {
  const alone = written.includes("%") ? undefined : parseIpAddress(written);
  if (alone !== undefined) return alone;
  const [, host = "", digits = ""] = /^(\[[^\]%]*\]|[^:[\]]*):(\d{1,5})$/.exec(written) ?? [];
  const address = parseIpAddress(host);
  const port = Number(digits);
  if (address === undefined || port < 1 || port > 65_535)
    return {
      wrong: 'must be the address of a resolver, such as 127.0.0.1, "127.0.0.1:5353" or "[::1]:53"',
    };
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}
