import assert from "node:assert/strict";
import { test } from "node:test";
import { type Client, parseIpAddress } from "@postern/smtp-filter";
import { type AddressAlarm, type AddressGuard, guardAddresses } from "./address-guard.ts";

function clientAt(address: string): Client {
  return {
    address: parseIpAddress(address) ?? assert.fail(address),
    port: null,
    origin: "network",
    localAddress: null,
    localPort: null,
    daemonName: null,
    mta: { name: "postfix", version: null },
  };
}

function watched(own: readonly string[] = []): { guard: AddressGuard; alarms: string[] } {
  const alarms: string[] = [];
  const guard = guardAddresses({
    own: own.flatMap((text) => parseIpAddress(text) ?? []),
    onAlarm: ({ kind, address }: AddressAlarm) => alarms.push(`${kind} ${address}`),
  });
  return { guard, alarms };
}

const public_ = (i: number): string => `198.51.${100 + (i >> 8)}.${i & 255}`;

function connect(guard: AddressGuard, address: string, times: number): boolean {
  let last = true;
  for (let i = 0; i < times; i += 1) last = guard.isTheirs(clientAt(address));
  return last;
}

for (const [name, address] of [
  ["Docker's gateway", "172.17.0.1"],
  ["a NAT", "192.168.1.1"],
  ["carrier-grade NAT", "100.64.0.1"],
  ["a proxy on the machine itself", "127.0.0.1"],
  ["IPv6, unique local", "fd00::1"],
] as const) {
  test(`guardAddresses: ${name}: most connections come from it, so it is nobody's`, () => {
    const { guard, alarms } = watched();
    assert.equal(connect(guard, address, 49), true);
    assert.equal(guard.isTheirs(clientAt(address)), false);
    assert.equal(guard.isTheirs(clientAt("198.51.100.1")), true);
    assert.deepEqual(alarms, [`hidden ${address}`]);
  });
}

test("guardAddresses: a public address that sends most is a large sender", () => {
  const { guard, alarms } = watched();
  assert.equal(connect(guard, "198.51.100.1", 300), true);
  assert.deepEqual(alarms, []);
});

test("guardAddresses: unless it is our own", () => {
  const { guard } = watched(["198.51.100.1"]);
  assert.equal(connect(guard, "198.51.100.1", 50), false);
});

test("guardAddresses: half of all is not most", () => {
  const { guard, alarms } = watched();
  for (let i = 0; i < 300; i += 1) {
    guard.isTheirs(clientAt(public_(i)));
    guard.isTheirs(clientAt("10.0.0.5"));
  }
  assert.deepEqual(alarms, []);
});

test("guardAddresses: when clients are seen again, it says so once and believes", () => {
  const { guard, alarms } = watched();
  connect(guard, "10.0.0.1", 200);
  for (let i = 0; i < 160; i += 1) guard.isTheirs(clientAt(public_(i)));
  assert.deepEqual(alarms, ["hidden 10.0.0.1", "seen 10.0.0.1"]);
  assert.equal(guard.isTheirs(clientAt("10.0.0.1")), true);
});
