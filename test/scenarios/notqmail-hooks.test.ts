import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { hostname } from "node:os";
import { test } from "node:test";
import {
  CLIENT,
  ENVELOPE,
  MESSAGE,
  openFakeDaemon,
  type QueueRun,
  readRequest,
  runFront,
  runQueue,
  type Treatment,
} from "../mta/notqmail-run.ts";

/** The hooks alone, as processes, before a daemon that says what the test wants. No mail server, no root. */

const accept = (drop = "", fields: Uint8Array | string = ""): string =>
  `SPAMD/1.1 0 EX_OK\r\nContent-length: 1\r\n\r\n0.0/1.0\r\npostern: v=1 a=accept d="${drop}" h="${Buffer.from(fields).toString("base64")}" m="" z=1\r\n`;
const refuse = (reply: string, action = "reply"): string =>
  `SPAMD/1.1 0 EX_OK\r\nContent-length: 1\r\n\r\n1.0/1.0\r\npostern: v=1 a=${action} d="" h="" m="${reply}" z=1\r\n`;
const withDaemon = async (
  treatment: Treatment,
  { environment, ...run }: QueueRun = {},
): Promise<Awaited<ReturnType<typeof runQueue>> & ReturnType<typeof readRequest>> => {
  await using daemon = await openFakeDaemon(treatment);
  const end = await runQueue({
    ...run,
    environment: { ...CLIENT, ...environment, POSTERN_SOCKET: daemon.socket },
  });
  return { ...end, ...readRequest(daemon.requests[0]) };
};
const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

test("queue: what is asked, and mail that is let in goes on byte for byte", async () => {
  const text = Buffer.concat([MESSAGE, ALL_BYTES, Buffer.from("\n.\n..\nno end of line")]);
  const { ended, kept, keys, message, stderr } = await withDaemon(accept(), {
    message: text,
    environment: { POSTERN_SESSION: "4711.1", POSTERN_MTA: "notqmail/1.09" },
  });
  assert.deepEqual([ended, stderr], [0, ""]);
  assert.deepEqual(keys, {
    ...{ session: "4711.1", ip: "192.0.2.1", port: "40000", lip: "198.51.100.1", lport: "25" },
    ...{ helo: "mail.example.com", mta: "notqmail/1.09", from: "a@example.com" },
    rcpts: "b@example.org\n",
  });
  assert.ok(message.equals(text));
  assert.ok(kept?.message.equals(text));
  assert.ok(kept?.envelope.equals(ENVELOPE));
});

test("queue: any byte that an envelope can hold is asked about and handed on as it is", async () => {
  const odd = ALL_BYTES.subarray(1).toString("latin1");
  const plain = odd.replace("\n", "");
  const envelope = Buffer.from(`F${odd}\0T${plain}\0TT b=c d\0\0`, "latin1");
  const { ended, kept, keys } = await withDaemon(accept(), { envelope });
  assert.equal(ended, 0);
  assert.equal(keys["from"], odd);
  assert.equal(keys["rcpts"], `${plain}\nT b=c d\n`);
  assert.ok(kept?.envelope.equals(envelope));
});

test("queue: the null sender is one, and present", async () => {
  const { keys, kept } = await withDaemon(accept(), { envelope: Buffer.from("F\0Tb@y\0\0") });
  assert.equal(keys["from"], "");
  assert.equal(kept?.envelope.toString(), "F\0Tb@y\0\0");
});

test("queue: 20,000 recipients are handed on, and the question stays readable", async () => {
  const rcpt = (n: number): string => `T${"x".repeat(100)}${n}@example.org\0`;
  const all = Array.from({ length: 20_000 }, (_, n) => rcpt(n)).join("");
  const envelope = Buffer.from(`Fa@example.com\0${all}\0`);
  const { ended, kept, keys } = await withDaemon(accept(), { envelope });
  assert.equal(ended, 0);
  assert.ok(kept?.envelope.equals(envelope));
  assert.ok((keys["rcpts"]?.length ?? 0) > 900_000 && (keys["rcpts"]?.length ?? 0) < 1_100_000);
});

for (const [name, line, helo] of [
  ["beside the host name", "from unknown (HELO mail.example.com) (192.0.2.1)", "mail.example.com"],
  ["the host name itself", "from mail.example.com (192.0.2.1)", "mail.example.com"],
  ["with what ident says", "from unknown (HELO a) (x?y@192.0.2.1)", "a"],
  ["empty", "from unknown (HELO ) (192.0.2.1)", undefined],
  ["an address in brackets", "from unknown (HELO ?192.0.2.1?) (192.0.2.1)", "[192.0.2.1]"],
  ["an IPv6 address", "from unknown (HELO ?IPv6:2001:db8::1?) (192.0.2.1)", "[IPv6:2001:db8::1]"],
  ["bytes that qmail hides", "from unknown (HELO ?a??b?) (192.0.2.1)", "?a??b?"],
  ["long", `from unknown (HELO ${"h".repeat(10_000)}) (192.0.2.1)`, "h".repeat(255)],
  ["no line of qmail-smtpd", "by mx; date", undefined],
] as const) {
  test(`queue: HELO: ${name}`, async () => {
    const message = Buffer.from(`Received: ${line}\n  by mx\n\nReceived: from x (HELO no) (y)\n`);
    const { ended, keys } = await withDaemon(accept(), { message });
    assert.deepEqual([ended, keys["helo"]], [0, helo]);
  });
}

for (const [name, environment, auth] of [
  ["what ident says is not a login", { TCPREMOTEINFO: "root" }, undefined],
  ["RELAYCLIENT is one", { TCPREMOTEINFO: "root", RELAYCLIENT: "" }, "RELAYCLIENT"],
  ["a variable that is named", { SMTPUSER: "carol", POSTERN_AUTHVAR: "SMTPUSER" }, "carol"],
  ["a variable that is not set", { POSTERN_AUTHVAR: "SMTPUSER" }, undefined],
] as const) {
  test(`queue: login: ${name}`, async () => {
    const { keys } = await withDaemon(accept(), { environment });
    assert.equal(keys["auth"], auth);
  });
}

test("queue: IPv6 and TLS are told where they are known", async () => {
  const { keys } = await withDaemon(accept(), {
    environment: {
      ...{ PROTO: "TCP6", TCP6REMOTEIP: "2001:db8::25", TCP6LOCALIP: "2001:db8::1" },
      SSL_CIPHER: "TLS_AES_256_GCM_SHA384",
    },
  });
  assert.equal(keys["ip"], "2001:db8::25");
  assert.equal(keys["lip"], "2001:db8::1");
  assert.equal(keys["tls"], "TLS_AES_256_GCM_SHA384");
});

test("queue: mail from no network is handed on, and nobody is asked", async () => {
  const { ended, kept } = await runQueue({ environment: { POSTERN_FAIL: "defer" } });
  assert.equal(ended, 0);
  assert.ok(kept?.message.equals(MESSAGE));
});

const FOLDED = "Authentication-Results: mx;\n spf=pass\n\tand more\n";
for (const [name, drop, message, left] of [
  [
    "a field with its folds",
    "Authentication-Results",
    `A: 1\n${FOLDED}B: 2\n\nbody\n`,
    "A: 1\nB: 2\n\nbody\n",
  ],
  [
    "the first and the last",
    "X-Spam",
    "x-spam : 1\nA: 1\nX-SPAM:2\n\nX-Spam: 3\n",
    "A: 1\n\nX-Spam: 3\n",
  ],
  [
    "nothing that only begins so",
    "X-Spam",
    "X-Spam-Level: 1\nX-Spa\nX-Spam\n\n",
    "X-Spam-Level: 1\nX-Spa\nX-Spam\n\n",
  ],
  ["two names", "A:B", "A: 1\nB: 2\nC: 3\n\n", "C: 3\n\n"],
  ["a fold under what is not a field stays", "A", "what\n A: 1\n\n", "what\n A: 1\n\n"],
  ["a header without a body", "A", "B: 1\nA: 2\n x", "B: 1\n"],
  ["a header that ends without LF", "A", "A: 2\nB: 1", "B: 1"],
  [
    "lines of 100,000 bytes",
    "A",
    `A: ${"x".repeat(1e5)}\n ${"y".repeat(1e5)}\nB: ${"z".repeat(1e5)}\n\nA: 3\n`,
    `B: ${"z".repeat(1e5)}\n\nA: 3\n`,
  ],
  ["10,000 fields", "A", "A: 1\nB: 2\n".repeat(10_000), "B: 2\n".repeat(10_000)],
  ["an empty message", "A", "", ""],
] as const) {
  test(`queue: taken out: ${name}`, async () => {
    const ours = Buffer.from("X-Postern: \xff\0\n\tfolded\n", "latin1");
    const { ended, kept } = await withDaemon(accept(drop, ours), { message: Buffer.from(message) });
    assert.equal(ended, 0);
    assert.equal(kept?.message.toString("latin1"), `${ours.toString("latin1")}${left}`);
  });
}

const LONG = "x".repeat(400);
const ID = " [0123456789abcdef]";
for (const [name, answer, permanent, sentence] of [
  ["for good", refuse("550 5.7.25 you must have rDNS"), true, "D5.7.25 you must have rDNS"],
  ["for now", refuse("421 you must have rDNS"), false, "Zyou must have rDNS"],
  ["and hang up", refuse("554 go", "close"), true, "Dgo"],
  ["with quotes", refuse('550 a \\"b\\" \\\\ c'), true, 'Da "b" \\ c'],
  ["at length", refuse(`550 ${LONG}`), true, `D${LONG.slice(0, 250)}`],
  ["at length, with its id", refuse(`550 ${LONG}${ID}`), true, `D${LONG.slice(0, 231)}${ID}`],
] as const) {
  for (const [mode, environment, descriptor6, code, said] of [
    ["exit 82", { POSTERN_EXIT82: "1" }, "open", 82, sentence],
    ["exit 82, nobody at 6", { POSTERN_EXIT82: "1" }, "closed", permanent ? 31 : 71, ""],
    ["the code alone", {}, "open", permanent ? 31 : 71, ""],
  ] as const) {
    test(`queue: refused ${name}: ${mode}`, async () => {
      const end = await withDaemon(answer, { environment, descriptor6 });
      assert.deepEqual([end.ended, end.sentence, end.kept], [code, said, null]);
    });
  }
}

const good = accept("", "X-Postern: 1\n");
const NO_ANSWERS: readonly (readonly [string, Treatment])[] = [
  ["nothing", ""],
  ["cut off before z=1", good.replace(" z=1\r\n", "")],
  ["cut off in the fields", good.slice(0, -20)],
  ["a NUL in it", good.replace("accept", "acc\0ept")],
  ["all bytes", ALL_BYTES],
  ["another version", good.replace("v=1", "v=2")],
  ["an action nobody knows", good.replace("accept", "discard")],
  ["fields that are no base64", good.replace('h="', 'h="%s%n')],
  ["a reply without a code", refuse("go away")],
  ["a reply that lets in", refuse("250 ok")],
  ["another line behind it", good.replace(" z=1", " z=1 z=2")],
  ["a web server", "HTTP/1.1 400 Bad Request\r\n\r\n"],
  ["a flood", (socket) => void socket.on("data", () => {}).write("x".repeat(1_000_000))],
  ["hangs up", (socket) => void socket.destroy()],
  ["resets", (socket) => void socket.resetAndDestroy()],
];
for (const [name, treatment] of NO_ANSWERS) {
  test(`queue: no usable answer: ${name}: POSTERN_FAIL says what becomes of the mail`, async () => {
    const accepted = await withDaemon(treatment);
    assert.equal(accepted.ended, 0);
    assert.ok(accepted.kept?.message.equals(MESSAGE));
    assert.match(
      accepted.stderr,
      /^postern-queue: pid \d+: 192\.0\.2\.1: inet:.* POSTERN_FAIL=accept: /,
    );
    const deferred = await withDaemon(treatment, { environment: { POSTERN_FAIL: "defer" } });
    assert.deepEqual([deferred.ended, deferred.kept], [71, null]);
  });
}

const idle = (socket: Socket): void => void socket.on("data", () => {});
const drip = (socket: Socket): void => {
  const timer = setInterval(() => socket.write("S"), 100);
  socket.on("data", () => {}).on("close", () => clearInterval(timer));
};
for (const [name, treatment, size] of [
  ["never answers", idle, 1],
  ["never reads", () => {}, 20_000_000],
  ["drips", drip, 1],
] as const) {
  test(`queue: a daemon that ${name} is waited for no longer than POSTERN_TIMEOUT`, async () => {
    const message = Buffer.concat([MESSAGE, Buffer.alloc(size, "x")]);
    const startedAt = performance.now();
    const end = await withDaemon(treatment, {
      message,
      environment: { POSTERN_FAIL: "defer", POSTERN_TIMEOUT: "1", POSTERN_EXIT82: "1" },
    });
    assert.deepEqual(
      [end.ended, end.sentence],
      [82, "Z4.3.0 our filter has a problem, please try again later"],
    );
    assert.ok(performance.now() - startedAt >= 1_000);
    assert.match(end.stderr, /no answer within 1 s/);
  });
}

for (const socket of [
  "inet:localhost:1",
  "inet:127.0.0.1",
  "nonsense",
  "unix:/nowhere",
  "inet:[::1]:1",
]) {
  test(`queue: POSTERN_SOCKET=${socket}: as without a daemon`, async () => {
    const environment = { ...CLIENT, POSTERN_SOCKET: socket };
    assert.equal((await runQueue({ environment })).ended, 0);
    const deferred = await runQueue({ environment: { ...environment, POSTERN_FAIL: "defer" } });
    assert.equal(deferred.ended, 71);
    assert.match(deferred.stderr, /cannot connect|POSTERN_SOCKET is neither/);
  });
}

test("queue: a POSTERN_FAIL that is neither word loses no mail", async () => {
  const { ended } = await withDaemon("", { environment: { POSTERN_FAIL: "acept" } });
  assert.equal(ended, 71);
});

const KEPT_FIELDS =
  "Received: from a (b)\n  by c\nX-Spam-Level: 1\nARC-Authentication-Results: i=1; mx\n";
for (const [name, fields] of [
  ["X-Postern", "X-Postern: a\n\tb\n"],
  ["X-Spam, in any case", "x-SPAM : no\n"],
  ["X-Spam-Flag", "X-Spam-Flag: NO\n"],
  ["our Authentication-Results", "Authentication-Results: MX.example.org; none\n"],
  ["with a version", "Authentication-Results: mx.example.org 1;\n dkim=pass\n"],
  ["below a fold", "Authentication-Results:\n\tmx.example.org;\n spf=pass\n"],
  ["with a final dot", "authentication-results : mx.example.org. ; none\n"],
  ["in quotes", 'Authentication-Results: "mx.\\example.org"; none\n'],
  ["behind comments", "Authentication-Results: (a(\\)b)c)\n (d) mx.example.org; none\n"],
  ["with nothing behind it", "Authentication-Results: mx.example.org\n"],
  ["unreadable, but it names us", "Authentication-Results: =?a?= mx.example.org; none\n"],
  ["CR LF", "Authentication-Results: mx.example.org;\r\n none\r\n"],
  ["longer than anybody writes", `Authentication-Results: a${" \n b".repeat(30_000)}\n`],
] as const) {
  test(`queue: failing open takes forged fields away: ${name}`, async () => {
    const forged = Buffer.from(`${fields}${KEPT_FIELDS}${fields}\n${fields}`);
    const { ended, kept, stderr } = await runQueue({
      message: forged,
      environment: {
        ...CLIENT,
        POSTERN_SOCKET: "unix:/nowhere",
        POSTERN_AUTHSERV_ID: "mx.Example.org",
      },
    });
    assert.equal(ended, 0);
    assert.equal(kept?.message.toString(), `${KEPT_FIELDS}\n${fields}`);
    assert.match(stderr, /^postern-queue: pid \d+: 192\.0\.2\.1: unix:\/nowhere: [^\n]+\n$/);
  });
}

for (const fields of [
  "Authentication-Results: relay.example; dkim=pass header.d=mx.example.org\n",
  "Authentication-Results: mx.example.org.example;\n none\n",
  "Authentication-Results: a.mx.example.org; none\nA: mx.example.org\n",
  "Authentication-Results: (mx.example.org) relay.example; none\n",
  "Authentication-Results: =?a?= relay.example; none\n",
  "Authentication-Results:\n",
  "X-Postern-Other: 1\nX-Spam-Flags: YES\n",
]) {
  test(`queue: failing open leaves ${JSON.stringify(fields)}`, async () => {
    const message = Buffer.from(`${fields}A: 1\n\nbody`);
    const { kept } = await runQueue({
      message,
      environment: {
        ...CLIENT,
        POSTERN_SOCKET: "unix:/nowhere",
        POSTERN_AUTHSERV_ID: "mx.example.org",
      },
    });
    assert.equal(kept?.message.toString(), message.toString());
  });
}

test("queue: failing open: without POSTERN_AUTHSERV_ID the host's name is ours", async () => {
  const { kept } = await runQueue({
    message: Buffer.from(`Authentication-Results: ${hostname()}; none\nA: 1\n\n`),
    environment: { ...CLIENT, POSTERN_SOCKET: "unix:/nowhere" },
  });
  assert.equal(kept?.message.toString(), "A: 1\n\n");
});

/** qmail-queue(8). */
const CODES = [11, 31, 51, 52, 53, 54, 55, 56, 61, 62, 63, 64, 65, 66, 71, 72, 73, 74, 81, 91];
test("queue: what qmail-queue ends with is what the caller sees, every documented code", async () => {
  for (const code of CODES) {
    const { ended } = await withDaemon(accept(), { environment: { STANDIN_EXIT: String(code) } });
    assert.equal(ended, code);
  }
  const crashed = await withDaemon(accept(), { environment: { STANDIN_EXIT: "SEGV" } });
  assert.equal(crashed.ended, "SIGSEGV");
});

for (const [name, envelope, code] of [
  ["none: the client left in DATA", "", 54],
  ["it ends in the sender", "Fa@exam", 54],
  ["it ends between recipients", "Fa@example.com\0Tb@example.org\0", 54],
  ["no sender", "Tb@example.org\0\0", 91],
  ["a recipient that is none", "Fa@example.com\0b@example.org\0\0", 91],
  ["two ends", "Fa@example.com\0Tb\0\0Tc\0\0", 91],
] as const) {
  test(`queue: the envelope: ${name}: nobody is asked, nothing is queued`, async () => {
    const { ended, kept, keys } = await withDaemon(accept(), { envelope: Buffer.from(envelope) });
    assert.deepEqual([ended, kept, keys], [code, null, {}]);
  });
}

for (const [name, run, code] of [
  [
    "the disk is full",
    { before: "trap '' XFSZ; ulimit -f 8", message: Buffer.alloc(1e6, "x") },
    53,
  ],
  ["qmail-queue is not there", { environment: { POSTERN_QMAILQUEUE: "/nowhere" } }, 61],
  ["qmail-queue is not a program", { environment: { POSTERN_QMAILQUEUE: "/etc/passwd" } }, 61],
  ["the message cannot be read", { before: "exec </" }, 54],
  ["descriptor 1 is closed", { before: "exec >&-" }, 54],
] as const) {
  test(`queue: ${name}: a temporary code, and no mail that is said to be queued`, async () => {
    const { ended, kept } = await withDaemon(accept(), run);
    assert.deepEqual([ended, kept], [code, null]);
  });
}

const line = (action: string, reply = ""): string => `v=1 a=${action} m="${reply}" z=1\n`;
const front = async (treatment: Treatment, environment = {}, show: readonly string[] = []) => {
  await using daemon = await openFakeDaemon(treatment);
  const settings = { ...CLIENT, ...environment, POSTERN_SOCKET: daemon.socket };
  const end = await runFront({ environment: settings }, show);
  return { ...end, request: daemon.requests[0], ...readRequest(daemon.requests[0]) };
};

test("front: what is asked, and the session that the queue finds", async () => {
  const { stdout, keys, request, stderr } = await front(line("accept"), {}, ["POSTERN_SESSION"]);
  assert.match(request?.toString() ?? "", /^POSTERN1 connect [ -~]+\n$/);
  const { session = "", ...others } = keys;
  assert.match(session, /^\d+\.\d+$/);
  assert.deepEqual(others, {
    ...{ ip: "192.0.2.1", port: "40000", lip: "198.51.100.1", lport: "25", mta: "notqmail" },
  });
  assert.deepEqual([stdout, stderr], [`RAN [${session}]`, ""]);
});

for (const [name, treatment, environment, stdout] of [
  ["accept", line("accept"), {}, "RAN [unset]"],
  ["reply", line("reply", "550 5.7.25 no"), {}, "550 5.7.25 no\r\n"],
  ["close", line("close", '421 a \\"b\\" \\\\'), {}, '421 a "b" \\\r\n'],
  ["reply, for rblsmtpd", line("reply", "550 5.7.25 no"), { POSTERN_RBL: "1" }, "RAN [-5.7.25 no]"],
  ["close, for rblsmtpd", line("close", "421 no"), { POSTERN_RBL: "1" }, "RAN [no]"],
  [
    "nobody is asked about a trusted one",
    line("reply", "550 no"),
    { RELAYCLIENT: "" },
    "RAN [unset]",
  ],
] as const) {
  test(`front: ${name}`, async () => {
    const end = await front(treatment, environment, ["RBLSMTPD"]);
    assert.deepEqual([end.ended, end.stdout], [0, stdout]);
  });
}

for (const [name, treatment] of [
  ["nothing", ""],
  ["cut off before z=1", line("accept").replace(" z=1\n", "")],
  ["no end of line", line("accept").trimEnd()],
  ["two lines", line("accept") + line("accept")],
  ["a NUL", line("reply", "550 a\0b")],
  ["a line of its own in the reply", line("reply", "550 a\r\n250 b")],
  ["a reply that lets in", line("reply", "250 ok")],
  ["accept with a reply", line("accept", "550 no")],
  ["all bytes", ALL_BYTES],
  ["a flood", "x".repeat(1_000_000)],
  ["hangs up", (socket: Socket) => void socket.destroy()],
  ["never answers", idle],
  ["drips", drip],
] as const) {
  test(`front: no usable answer: ${name}: POSTERN_FAIL says what becomes of the client`, async () => {
    const accepted = await front(treatment, { POSTERN_TIMEOUT: "1" });
    assert.equal(accepted.stdout, "RAN ");
    assert.match(
      accepted.stderr,
      /^postern-front: pid \d+: 192\.0\.2\.1: inet:.* POSTERN_FAIL=accept: /,
    );
    const deferred = await front(treatment, { POSTERN_TIMEOUT: "1", POSTERN_FAIL: "defer" });
    assert.equal(deferred.stdout, "451 4.3.0 our filter has a problem, please try again later\r\n");
  });
}
