import assert from "node:assert/strict";
import { test } from "node:test";
import { formatListenAddress, type ListenAddress, parseListenAddress } from "./listen-address.ts";

const valid: readonly { text: string; address: ListenAddress; same?: string }[] = [
  { text: "unix:/run/p.sock", address: { kind: "unix", path: "/run/p.sock" } },
  { text: "local:/run/p.sock", address: { kind: "unix", path: "/run/p.sock" } },
  { text: "/run/p.sock", address: { kind: "unix", path: "/run/p.sock" } },
  { text: "unix:/run/a:b@c", address: { kind: "unix", path: "/run/a:b@c" } },
  { text: "inet:127.0.0.1:8891", address: { kind: "inet", host: "127.0.0.1", port: 8891 } },
  { text: "inet:localhost:0", address: { kind: "inet", host: "localhost", port: 0 } },
  { text: "inet:[::1]:8891", address: { kind: "inet", host: "::1", port: 8891 } },
  {
    text: "inet:8891@mx-1.example.org",
    address: { kind: "inet", host: "mx-1.example.org", port: 8891 },
  },
  { text: "inet:8891@[::1]", address: { kind: "inet", host: "::1", port: 8891 } },
  { text: "inet6:8891@::1", address: { kind: "inet", host: "::1", port: 8891 } },
  { text: "INET:127.0.0.1:65535", address: { kind: "inet", host: "127.0.0.1", port: 65_535 } },
];

for (const { text, address } of valid) {
  test(`parseListenAddress: ${text}`, () => {
    assert.deepEqual(parseListenAddress(text), address);
    assert.deepEqual(parseListenAddress(formatListenAddress(address)), address);
  });
}

const invalid: readonly string[] = [
  "",
  "/",
  "unix:",
  "unix:relative/p.sock",
  "unix:/run/",
  "unix:/run/a\0b",
  "p.sock",
  "127.0.0.1:8891",
  "inet:",
  "inet:8891",
  "inet:127.0.0.1",
  "inet:127.0.0.1:",
  "inet:127.0.0.1:65536",
  "inet:127.0.0.1:-1",
  "inet:::1:8891",
  "inet:[]:8891",
  "inet:[localhost]:8891",
  "inet::8891",
  "inet:8891@",
  "inet:a b:1",
  "tcp:127.0.0.1:1",
];

for (const text of invalid) {
  test(`parseListenAddress: ${JSON.stringify(text)} is none`, () => {
    assert.equal(parseListenAddress(text), undefined);
  });
}
