import assert from "node:assert/strict";
import { test } from "node:test";
import { addressBytes, type Domain, type IpAddress, parseDomain } from "@postern/smtp-filter";
import fc from "fast-check";
import { domain, ip } from "../testing/samples.ts";
import { recognizeGenericName } from "./generic-name.ts";

const V4 = "203.0.113.77";
const V6 = "2001:db8:4a3:b100::17";

const cases: readonly (readonly [name: string, address: string, answer: string | undefined])[] = [
  // the address, by whatever provider, says it all
  ["c-203-0-113-77.isp.example", V4, "dynamic: contains the address"],
  ["host77-113.0-203-r.isp.example", V4, "dynamic: contains the address"],
  ["lfbn-1-113-77.w203-0.isp.example", V4, "dynamic: contains the address"],
  ["77.sub-203-0-113.isp.example", V4, "dynamic: contains the address"],
  ["h3405803853.isp.example", V4, "dynamic: contains the address"],
  ["ns3108642.ip-203-0-113.example", V4, "static: contains the address"],
  ["203-0-113-77.example", V4, "dynamic: contains the address"],
  ["static.77.113.0.203.isp.example", V4, "static: contains the address"],
  ["vps-203-0-113-77.isp.example", V4, "static: contains the address"],
  ["dsl-203-0-113-77.business.isp.example", V4, "dynamic: contains the address"],
  ["2001-db8-4a3-b100--17.isp.example", V6, "dynamic: contains the address"],
  ["2001-db8--25.isp.example", "2001:db8::25", "dynamic: contains the address"],
  // another's address is a number like any other
  ["c-203-0-112-76.isp.example", V4, undefined],
  // words of lines: whole, or made of two
  ["ftth.isp.example", V4, 'dynamic: contains the word "ftth"'],
  ["adslpool7.isp.example", V4, 'dynamic: contains the word "adsl"'],
  ["static-9.isp.example", V4, 'static: contains the word "static"'],
  ["adslfoo.isp.example", V4, undefined],
  ["dhcpd.isp.example", V4, undefined],
  // words that lines share with servers need more
  ["host-113-77.isp.example", V4, 'dynamic: contains the word "host" and half the address'],
  ["vps77-113.isp.example", V4, 'static: contains the word "vps" and half the address'],
  ["vmi1203977.isp.example", V4, 'static: contains the word "vmi" and a long number'],
  ["vps-3f9a12bc.isp.example", V4, 'static: contains the word "vps" and a long number'],
  ["h2947106.isp.example", V4, "static: is a serial number"],
  ["host3.isp.example", V4, undefined],
  ["home.person.example", V4, undefined],
  ["server1.company.example", V4, undefined],
  ["m113-77.esp.example", V4, undefined],
  // a word for mail outweighs all
  ["mail-203-0-113-77.esp.example", V4, undefined],
  ["mail-pool-3.dynamics.example", V4, undefined],
  ["smtp.dsl.isp.example", V4, undefined],
  ["webmail.cable.isp.example", V4, undefined],
  // the registered domain has no say
  ["gw.dsl.example", V4, undefined],
  ["gw.dsl-example.co.uk", V4, undefined],
  ["gw.pool-example.ne.jp", V4, undefined],
  ["x.dsl.example.co.uk", V4, 'dynamic: contains the word "dsl"'],
  ["mail.example", V4, undefined],
  ["localhost", V4, undefined],
];

for (const [name, address, answer] of cases) {
  test(`recognizeGenericName: ${name} is ${answer ?? "a server's own"}`, () => {
    const generic = recognizeGenericName(domain(name), ip(address));
    assert.equal(generic && `${generic.kind}: ${generic.reason}`, answer);
  });
}

const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
const v4 = octets.map((all) => ip(all.join(".")));
const v6 = fc
  .array(fc.nat(0xffff), { minLength: 8, maxLength: 8 })
  .map((groups) => ip(groups.map((group) => group.toString(16)).join(":")));
const labels = fc.array(
  fc.oneof(
    fc.stringMatching(/^[a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?$/),
    fc.constantFrom("mail", "dyn", "static", "vps77-113", "host-1-2", "co", "uk", "example"),
  ),
  { minLength: 1, maxLength: 12 },
);
const domains = labels
  .map((all) => parseDomain(all.join(".")))
  .filter((name): name is Domain => name !== undefined);

const notations: Readonly<Record<string, (address: IpAddress) => string>> = {
  dashed: (address) => addressBytes(address).join("-"),
  dotted: (address) => addressBytes(address).join("."),
  reversed: (address) => addressBytes(address).toReversed().join("-"),
  "with letters": (address) => `${addressBytes(address).join("x")}y`,
  "filled up": (address) => addressBytes(address).map(padded).join("-"),
  "filled up, together": (address) => `kd${addressBytes(address).map(padded).join("")}`,
  hexadecimal: (address) => `p${addressBytes(address).map(hex).join("")}`,
  "hexadecimal, reversed": (address) => `c-${addressBytes(address).toReversed().map(hex).join("")}`,
  "one number": (address) => `lp-${addressBytes(address).reduce((sum, o) => sum * 256 + o, 0)}`,
  "three octets": (address) => `net-${addressBytes(address).slice(0, 3).join("-")}`,
};

for (const [notation, write] of Object.entries(notations)) {
  test(`recognizeGenericName: finds any IPv4 address, ${notation}`, () => {
    fc.assert(
      fc.property(v4, (address) => {
        const name = domain(`${write(address)}.isp.example`);
        assert.equal(recognizeGenericName(name, address)?.reason, "contains the address");
      }),
    );
  });
}

test("recognizeGenericName: finds the nibbles of any IPv6 address, either way round", () => {
  fc.assert(
    fc.property(v6, fc.constantFrom("", "."), fc.boolean(), (address, separator, isReversed) => {
      const nibbles = addressBytes(address).flatMap((byte) => [...hex(byte)]);
      const text = (isReversed ? nibbles.toReversed() : nibbles).join(separator);
      assert.ok(recognizeGenericName(domain(`${text}.isp.example`), address));
    }),
  );
});

test("recognizeGenericName: is total and deterministic, and a mail label silences it", () => {
  fc.assert(
    fc.property(domains, fc.oneof(v4, v6), (name, address) => {
      const generic = recognizeGenericName(name, address);
      assert.deepEqual(recognizeGenericName(name, address), generic);
      if (generic !== undefined) assert.match(generic.kind, /^(static|dynamic)$/);
      const mail = parseDomain(`mail.${name}`);
      if (mail === undefined || !name.includes(".")) return;
      assert.equal(recognizeGenericName(mail, address), undefined);
    }),
    { numRuns: 1000 },
  );
});

function padded(octet: number): string {
  return String(octet).padStart(3, "0");
}

function hex(octet: number): string {
  return octet.toString(16).padStart(2, "0");
}
