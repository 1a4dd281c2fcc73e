import assert from "node:assert/strict";
import { chmodSync, mkdirSync } from "node:fs";
import { userInfo } from "node:os";
import { test } from "node:test";
import { withConfig } from "../config/testing/with-config.ts";
import { accountRemarks } from "./account-remarks.ts";
import { type Machine, type Place, thisMachine } from "./machine.ts";

const USER = { uid: 101, gids: [101, 50] };
const folder = (mode: number, uid = 0, gid = 0): Place => ({ kind: "folder", uid, gid, mode });

/** A machine with the user postern, the group postfix, and these places. */
const machineWith = (places: Readonly<Record<string, Place>>): Machine => ({
  account: (user) => (user === "postern" ? USER : undefined),
  hasGroup: (group) => group === "postfix",
  logins: () => 0,
  look: (path) => places[path] ?? { kind: "missing" },
});

const SOCKET = "listen: { milter: { address: unix:/s/milter.sock, group: postfix } }\n";
const STATE = "state: sqlite:/l/state.db\n";
const ME = "user: postern\n";

type Row = readonly [
  name: string,
  yaml: string,
  places: Readonly<Record<string, Place>>,
  says: readonly RegExp[],
];
const rows: readonly Row[] = [
  ["nothing is named", "mode: observe", {}, []],
  ["the user is there", ME, {}, []],
  ["no such user", "user: postren", {}, [/^warning: user postren does not exist .*useradd/]],
  ["all is well", SOCKET, { "/s": folder(0o750) }, []],
  [
    "no such group",
    SOCKET.replace("postfix", "psotfix"),
    { "/s": folder(0o750) },
    [/^warning: group psotfix of unix:\/s\/milter\.sock does not exist/],
  ],
  [
    "no folder for the socket",
    SOCKET + ME,
    {},
    [/^warning: the folder of unix:\/s\/\S+ does not exist: .*install -d -o postern -g postfix/],
  ],
  [
    "a folder that only a unit makes",
    "listen: { learn: unix:/run/postern/learn.sock }\nstate: none",
    {},
    [/^hint: the folder of unix:\/run\/postern\/learn\.sock .*RuntimeDirectory=postern/],
  ],
  [
    "a folder in one that only a unit makes",
    "listen: { exim: unix:/run/postern/exim/postern.sock }\nstate: none",
    {},
    [/^hint: the folder of unix:\/run\/postern\/exim\/\S+ .*RuntimeDirectory=postern/],
  ],
  [
    "a file where the folder should be",
    SOCKET,
    { "/s": { kind: "other", uid: 0, gid: 0, mode: 0o644 } },
    [/^warning: unix:\S+ cannot be opened: \/s is not a folder$/],
  ],
  [
    "a socket's folder of root alone",
    SOCKET + ME,
    { "/s": folder(0o755) },
    [/^hint: user postern may not write in \/s \(mode 0755\)/],
  ],
  [
    "no folder for the state",
    STATE,
    { "/": folder(0o755) },
    [/^hint: state: the folder \/l does not exist now: .*install -d .* -m 2770 \/l$/],
  ],
  [
    "no folder for the state, and the user cannot make it",
    STATE + ME,
    { "/": folder(0o755) },
    [/^warning: state: the folder \/l does not exist, so .*install -d .* -m 2770 \/l$/],
  ],
  ["a folder for the state that the user can make", STATE + ME, { "/": folder(0o777) }, []],
  ["a state of the user's", STATE + ME, { "/l": folder(0o700, 101) }, []],
  ["a state of the user's group", STATE + ME, { "/l": folder(0o2770, 0, 50) }, []],
  ["a state that cannot be looked at", STATE + ME, { "/l": { kind: "hidden" } }, []],
  [
    "a state of root's",
    STATE + ME,
    { "/l": folder(0o755) },
    [
      /^warning: state: user postern may not write in \/l \(mode 0755\), so .*install -d -o postern/,
    ],
  ],
  [
    "the owner is not helped by what others may",
    STATE + ME,
    { "/l": folder(0o577, 101) },
    [/^warning: state: user postern may not write in \/l \(mode 0577\)/],
  ],
  [
    "a file of root's in a good folder",
    STATE + ME,
    { "/l": folder(0o770, 101), "/l/state.db": { kind: "other", uid: 0, gid: 0, mode: 0o644 } },
    [/^warning: state: user postern may not write \/l\/state\.db \(mode 0644\).*chown postern:/],
  ],
  [
    "a file of the group's",
    STATE + ME,
    { "/l": folder(0o770, 101), "/l/state.db": { kind: "other", uid: 0, gid: 50, mode: 0o660 } },
    [],
  ],
];
for (const [name, yaml, places, says] of rows) {
  test(`accountRemarks: ${name}`, () =>
    withConfig(yaml, (config) => {
      const said = accountRemarks(config, machineWith(places));
      assert.equal(said.length, says.length, JSON.stringify(said));
      for (const [i, { level, text }] of said.entries())
        assert.match(`${level}: ${text}`, says[i] ?? /never/);
    }));
}

test("accountRemarks: a port on a machine where people log in", async () => {
  const withPeople = { ...machineWith({ "/s": folder(0o750) }), logins: () => 2 };
  const both =
    "listen: { milter: [inet:127.0.0.1:8891, { address: unix:/s/a, group: postfix }], exim: 'inet:[::1]:8892' }";
  await withConfig(both, (config) => {
    const [said, ...more] = accountRemarks(config, withPeople);
    assert.equal(said?.level, "hint");
    assert.match(
      said?.text ?? "",
      /connect to inet:127\.0\.0\.1:8891 and inet:\[::1\]:8892, and 2 /,
    );
    assert.deepEqual(more, []);
  });
  await withConfig(SOCKET, (config) => assert.deepEqual(accountRemarks(config, withPeople), []));
});

test("thisMachine: knows accounts, groups and folders", () =>
  withConfig("", (_config, own) => {
    const { username, uid, gid } = userInfo();
    const account = thisMachine.account(username);
    assert.equal(account?.uid, uid);
    assert.ok(account?.gids.includes(gid));
    assert.equal(thisMachine.account("nobody-of-this-name"), undefined);
    assert.deepEqual(
      [thisMachine.hasGroup("no-such-group"), thisMachine.hasGroup("12")],
      [false, true],
    );
    mkdirSync(`${own}/a`);
    chmodSync(`${own}/a`, 0o2750);
    const found = thisMachine.look(`${own}/a`);
    assert.ok(found.kind === "folder");
    assert.deepEqual([found.uid, found.mode], [uid, 0o2750]);
    assert.deepEqual(thisMachine.look(`${own}/b`), { kind: "missing" });
    assert.equal(thisMachine.look(`${own}/postern.yaml`).kind, "other");
  }));
