import type { State } from "./config-types.ts";
import type { Complaint } from "./values.ts";

const FORMS = 'must be "memory:", sqlite:/path/to.db, redis://host:6379/0 or none';
const ENCODED = "a password's # / ? @ and % are written %23 %2F %3F %40 and %25";

/** Where what is learned is kept. What is wrong is shown as far as its first colon: behind it there may be a password. */
export function parseState(written: string): State | Complaint {
  if (written === "memory:" || written === "memory") return { kind: "memory" };
  if (written === "none") return { kind: "none" };
  const path = /^sqlite:([^\0]+)$/.exec(written)?.[1];
  if (path !== undefined && !path.startsWith("//")) return { kind: "sqlite", path };
  const isOfRedis = /^rediss?:\/\//.test(written);
  if (isOfRedis && isRedisUrl(written)) return { kind: "redis", url: written };
  // Without a colon or an @ it is no more than a word or a path.
  if (!/[:@]/.test(written) && !/redis/i.test(written)) return { wrong: FORMS };
  const scheme = /^[a-z]{1,12}:/.exec(written)?.[0] ?? "";
  return { sentence: `${FORMS}, not "${scheme}..."${isOfRedis ? `; ${ENCODED}` : ""}` };
}

function isRedisUrl(written: string): boolean {
  const url = URL.parse(written);
  return (
    url !== null &&
    url.hostname !== "" &&
    /^(?:\/\d{0,3})?$/.test(url.pathname) &&
    url.search === "" &&
    url.hash === "" &&
    [url.username, url.password].every(isPercentEncoded)
  );
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
