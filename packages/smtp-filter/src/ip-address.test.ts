import assert from "node:assert/strict";
import { isIP } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import {
  addressBytes,
  type IpAddress,
  ipAddressOf,
  networkHas,
  parseIpAddress,
  parseNetwork,
  reversedName,
} from "./ip-address.ts";

const addresses: Record<string, string | undefined> = {
  "192.0.2.1": "192.0.2.1",
  "[192.0.2.1]": "192.0.2.1",
  "::ffff:192.0.2.1": "192.0.2.1",
  "::FFFF:c000:201": "192.0.2.1",
  "IPv6:0:0:0:0:0:0:0:1": "::1",
  "[IPv6:2001:db8::1]": "2001:db8::1",
  "2001:0DB8:0000:0000:0000:0000:0000:0001": "2001:db8::1",
  "2001:db8:0:0:1:0:0:1": "2001:db8::1:0:0:1",
  "2001:db8:0:1:1:1:1:1": "2001:db8:0:1:1:1:1:1",
  "fe80::1%eth0": "fe80::1",
  "::": "::",
  "1::": "1::",
  "64:ff9b::192.0.2.33": "64:ff9b::c000:221",
  "999.1.1.1": undefined,
  "192.0.2": undefined,
  "192.0.2.01": undefined,
  "0x7f.1": undefined,
  "1:2:3:4:5:6:7": undefined,
  "1::2::3": undefined,
  "12345::": undefined,
  "2001:db8::1::": undefined,
  ":1:2:3:4:5:6:7": undefined,
  unknown: undefined,
  "": undefined,
};
for (const [text, expected] of Object.entries(addresses)) {
  test(`parseIpAddress: ${JSON.stringify(text)}`, () =>
    assert.equal(parseIpAddress(text), expected));
}

test("parseIpAddress: agrees with Node on what an address is, and is stable", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 20 })), (text) => {
      const parsed = parseIpAddress(text);
      if (isIP(text) !== 0) assert.ok(parsed !== undefined, text);
      if (parsed !== undefined) {
        assert.notEqual(isIP(parsed), 0, `${text} became ${parsed}`);
        assert.equal(parseIpAddress(parsed), parsed);
      }
    }),
    { numRuns: 2000, seed: 1 },
  );
});

const networks: [network: string, address: string, isIn: boolean][] = [
  ["192.0.2.0/24", "192.0.2.255", true],
  ["192.0.2.0/24", "192.0.3.0", false],
  ["192.0.2.128/25", "192.0.2.127", false],
  ["0.0.0.0/0", "203.0.113.9", true],
  ["0.0.0.0/0", "2001:db8::1", false],
  ["2001:db8::/32", "2001:db8:ffff::1", true],
  ["2001:db8::/33", "2001:db8:8000::", false],
  ["192.0.2.1", "192.0.2.1", true],
  ["::1/128", "::1", true],
];
for (const [network, address, isIn] of networks) {
  test(`networkHas: ${network} ${isIn ? "has" : "has not"} ${address}`, () => {
    const parsed = parseNetwork(network);
    assert.ok(parsed);
    assert.equal(networkHas(parsed, ip(address)), isIn);
  });
}

for (const text of [
  "192.0.2.1/24",
  "192.0.2.0/33",
  "192.0.2.0/",
  "2001:db8::/129",
  "x/8",
  "1.2.3.4/-1",
]) {
  test(`parseNetwork: refuses ${text}`, () => assert.equal(parseNetwork(text), undefined));
}

test("reversedName: octets and nibbles", () => {
  assert.equal(reversedName(ip("192.0.2.1")), "1.2.0.192.in-addr.arpa");
  assert.equal(reversedName(ip("192.0.2.1"), "zen.example"), "1.2.0.192.zen.example");
  assert.equal(
    reversedName(ip("2001:db8::1")),
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
  );
});

function ip(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

test("ipAddressOf: the address that has these bytes, and none of other lengths", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const address = parseIpAddress(text) ?? assert.fail(text);
      assert.equal(ipAddressOf(addressBytes(address)), address);
    }),
  );
  assert.equal(ipAddressOf([...Array(10).fill(0), 255, 255, 192, 0, 2, 1]), "192.0.2.1");
  for (const length of [0, 3, 5, 15, 17])
    assert.equal(ipAddressOf(Array(length).fill(1)), undefined);
});
