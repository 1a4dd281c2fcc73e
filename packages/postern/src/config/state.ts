import { join } from "node:path";
import { keyOr } from "./key.ts";
import type { Surroundings } from "./surroundings.ts";
import { type Complaint, resolvePath, text } from "./values.ts";

/** Where what is learned of senders is kept. */
export type State =
  | { readonly kind: "memory" }
  /** `isDefault`: nobody asked for this file; where it cannot be had, memory does. */
  | { readonly kind: "sqlite"; readonly path: string; readonly isDefault?: true }
  | { readonly kind: "redis"; readonly url: string }
  /** Nothing is learned: reputation, deferrals and second chances are off. */
  | { readonly kind: "none" };

/** What every state looks like. */
const STATE_SHAPE = /^(?:memory:?|none|sqlite:(?!\/\/).+|rediss?:\/\/.+)$/;
const FORMS = 'must be "memory:", sqlite:/path/to.db, redis://host:6379/0 or none';
const ENCODED = "a password's # / ? @ and % are written %23 %2F %3F %40 and %25";

/** `state` of postern.yaml. */
export const stateKey = keyOr(
  text<State>(parseState, STATE_SHAPE),
  {
    meaning:
      'Where learned reputation is kept: `sqlite:/path/to.db` (shared by processes on one host), `redis://host:6379/0` (shared by several hosts), `"memory:"` (lost at a restart), or `none` (nothing is learned).',
    otherwise:
      "`state.db` in `$STATE_DIRECTORY`, `$XDG_STATE_HOME/postern` or `~/.local/state/postern`; if that cannot be written, memory",
    reload: "live",
  },
  (state) => (around: Surroundings) => placeState(state, around),
);

function placeState(
  state: State | undefined,
  { folder, stateFolder }: Pick<Surroundings, "folder" | "stateFolder">,
): State {
  if (state?.kind === "sqlite") return { ...state, path: resolvePath(folder, state.path) };
  if (state !== undefined) return state;
  return stateFolder === null
    ? { kind: "memory" }
    : { kind: "sqlite", path: join(stateFolder, "state.db"), isDefault: true };
}

/** Where what is learned is kept. What is wrong is shown as far as its first colon: behind it there may be a password. */
function parseState(written: string): State | Complaint {
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
