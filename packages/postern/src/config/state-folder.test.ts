import assert from "node:assert/strict";
import { test } from "node:test";
import { stateFolderOf } from "./state-folder.ts";

for (const [name, env, folder] of [
  [
    "systemd's comes first",
    { STATE_DIRECTORY: "/var/lib/postern", HOME: "/home/carol" },
    "/var/lib/postern",
  ],
  ["of several the first", { STATE_DIRECTORY: "/var/lib/a:/var/lib/b" }, "/var/lib/a"],
  ["XDG's", { XDG_STATE_HOME: "/srv/state", HOME: "/home/carol" }, "/srv/state/postern"],
  [
    "a relative one counts as unset",
    { XDG_STATE_HOME: "state", HOME: "/home/carol" },
    "/home/carol/.local/state/postern",
  ],
  ["no home, no folder", {}, null],
] as const) {
  test(`stateFolderOf: ${name}`, () => assert.equal(stateFolderOf(env), folder));
}
