import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeLine } from "./decode.ts";
import type { Line, ReportEvent } from "./line.ts";
import { parseSocketAddress } from "./socket-address.ts";
import { isBelow } from "./version.ts";

const id = "00000000000000a1";
const events: readonly [string, string, ReportEvent][] = [
  [
    "0.7",
    "link-connect|mail.example.com|pass|192.0.2.7:40001|198.51.100.25:25",
    {
      kind: "link-connect",
      reverseName: "mail.example.com",
      fcrdns: "pass",
      source: "192.0.2.7:40001",
      destination: "198.51.100.25:25",
    },
  ],
  [
    "0.6",
    "link-connect|a|b|<unknown>|what|unix:/s|unix:/s",
    {
      kind: "link-connect",
      reverseName: "a|b|<unknown>",
      fcrdns: "error",
      source: "unix:/s",
      destination: "unix:/s",
    },
  ],
  ["0.7", "link-greeting|mx|x", { kind: "link-greeting", hostname: "mx|x" }],
  ["0.7", "link-identify|EHLO|a|b", { kind: "link-identify", method: "EHLO", identity: "a|b" }],
  ["0.7", "link-tls|TLSv1.3:X:256", { kind: "link-tls", tls: "TLSv1.3:X:256" }],
  ["0.5", "link-auth|us|er|pass", { kind: "link-auth", result: "pass", user: "us|er" }],
  ["0.6", "link-auth|us|er|fail", { kind: "link-auth", result: "fail", user: "us|er" }],
  ["0.7", "link-auth|pass|us|er", { kind: "link-auth", result: "pass", user: "us|er" }],
  ["0.7", "link-auth|maybe|us", { kind: "link-auth", result: "error", user: "us" }],
  ["0.7", "link-disconnect", { kind: "link-disconnect" }],
  ["0.7", "link-disconnect|", { kind: "link-disconnect" }],
  ["0.7", "timeout", { kind: "timeout" }],
  ["0.7", "tx-begin|0badcafe|later", { kind: "tx-begin", message: "0badcafe" }],
  [
    "0.5",
    "tx-mail|0badcafe|a|b@x|ok",
    { kind: "tx-mail", message: "0badcafe", result: "ok", address: "a|b@x" },
  ],
  [
    "0.6",
    "tx-mail|0badcafe|ok|a|b@x",
    { kind: "tx-mail", message: "0badcafe", result: "ok", address: "a|b@x" },
  ],
  [
    "0.7",
    "tx-mail|00000000|permfail|",
    { kind: "tx-mail", message: "00000000", result: "permfail", address: "" },
  ],
  [
    "0.10",
    "tx-rcpt|0badcafe|what|a|ok",
    { kind: "tx-rcpt", message: "0badcafe", result: "tempfail", address: "a|ok" },
  ],
  [
    "0.7",
    "tx-envelope|0badcafe|0badcafe00000001",
    { kind: "tx-envelope", message: "0badcafe", envelope: "0badcafe00000001" },
  ],
  ["0.7", "tx-data|0badcafe|ok", { kind: "tx-data", message: "0badcafe", result: "ok" }],
  ["0.7", "tx-commit|0badcafe|389|x", { kind: "tx-commit", message: "0badcafe", size: "389" }],
  ["0.7", "tx-rollback|0badcafe", { kind: "tx-rollback", message: "0badcafe" }],
  ["0.7", "tx-reset", { kind: "tx-reset", message: "" }],
  ["0.7", "protocol-client|AUTH PLAIN x", { kind: "other", name: "protocol-client" }],
  ["0.7", "filter-response|tls|proceed", { kind: "other", name: "filter-response" }],
];
for (const [version, text, event] of events) {
  const [name = "", ...payload] = text.split("|");
  const line = ["report", version, "1.000001", "smtp-in", name, id, ...payload].join("|");
  test(`decodeLine: ${line}`, () => {
    assert.deepEqual(decodeLine(line), {
      kind: "report",
      version,
      subsystem: "smtp-in",
      session: id,
      event,
    });
  });
}

const head = { kind: "request", version: "0.7", subsystem: "smtp-in", session: id, token: "t" };
const requests: readonly [string, Line][] = [
  [
    "connect|a|b|192.0.2.7",
    { ...head, phase: { kind: "connect", reverseName: "a|b", source: "192.0.2.7" } } as Line,
  ],
  ["helo|a", { ...head, phase: { kind: "helo", identity: "a" } } as Line],
  ["ehlo|a|b", { ...head, phase: { kind: "ehlo", identity: "a|b" } } as Line],
  ["mail-from|", { ...head, phase: { kind: "mail-from", address: "" } } as Line],
  ["rcpt-to|a|b@x", { ...head, phase: { kind: "rcpt-to", address: "a|b@x" } } as Line],
  ["data|", { ...head, phase: { kind: "data" } } as Line],
  ["commit", { ...head, phase: { kind: "commit" } } as Line],
  ["starttls|", { ...head, phase: { kind: "other", name: "starttls" } } as Line],
];
for (const [text, expected] of requests) {
  const [name = "", ...payload] = text.split("|");
  const line = ["filter", "0.7", "1.0", "smtp-in", name, id, "t", ...payload].join("|");
  test(`decodeLine: ${line}`, () => assert.deepEqual(decodeLine(line), expected));
}

test("decodeLine: config, and what is none of all", () => {
  assert.deepEqual(decodeLine("config|admd|a|b"), { kind: "config", key: "admd", value: "a|b" });
  assert.deepEqual(decodeLine("config|ready"), { kind: "config", key: "ready", value: "" });
  for (const text of ["", "x", "report|0.7|1|smtp-in|timeout|", `filter|0.7|1|smtp-in|data|${id}|`])
    assert.equal(decodeLine(text).kind, "unreadable", text);
});

test("isBelow compares numbers", () => {
  for (const version of ["0.4", "0.1", "0.06", "0.6.9"]) assert.ok(isBelow(version, 0, 7), version);
  for (const version of ["0.7", "0.10", "0.70", "1.0", "x", "", "0", "7.8.0"])
    assert.ok(!isBelow(version, 0, 7), version);
});

test("parseSocketAddress", () => {
  const inet = (host: string, port: number | null) => ({ kind: "inet", host, port });
  for (const [text, expected] of [
    ["192.0.2.7:40001", inet("192.0.2.7", 40001)],
    ["192.0.2.7", inet("192.0.2.7", null)],
    ["[2001:db8::25]:40000", inet("2001:db8::25", 40000)],
    ["[2001:db8::25]", inet("2001:db8::25", null)],
    ["[fe80::1%eth0]:25", inet("fe80::1%eth0", 25)],
    ["2001:db8::25", inet("2001:db8::25", null)],
    ["unix:/var/run/smtpd.sock", { kind: "local" }],
    ["local", { kind: "local" }],
    ["192.0.2.7:0", inet("192.0.2.7", null)],
    ["192.0.2.7:99999", inet("192.0.2.7", null)],
    ["", undefined],
    ["[]:25", undefined],
    ["a:b", undefined],
    ["[::1]:x", undefined],
  ] as const)
    assert.deepEqual(parseSocketAddress(text), expected, text);
});
