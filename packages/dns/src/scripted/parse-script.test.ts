import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseDnsScript } from "./parse-script.ts";

const invalid = [
  {
    value: null,
    error: "TypeError",
    message: "Cannot read dns: null is not allowed, allowed is an object of names",
  },
  {
    value: [],
    error: "TypeError",
    message: "Cannot read dns: an array is not allowed, allowed is an object of names",
  },
  {
    value: "timeout",
    error: "TypeError",
    message: 'Cannot read dns: "timeout" is not allowed, allowed is an object of names',
  },
  {
    value: { "a..b": {} },
    error: "SyntaxError",
    message: 'Cannot read dns: "a..b" is not allowed, allowed is a DNS name',
  },
  {
    value: { "a.test": {}, "A.TEST.": {} },
    error: "SyntaxError",
    message: 'Cannot read dns["A.TEST."]: a.test is listed twice, allowed is once',
  },
  {
    value: { "a.test": "nxdomain" },
    error: "TypeError",
    message:
      'Cannot read dns["a.test"]: "nxdomain" is not allowed, allowed is "timeout", "servfail" or an object of types',
  },
  {
    value: { "a.test": { NS: [] } },
    error: "SyntaxError",
    message:
      'Cannot read dns["a.test"]: "NS" is not allowed, allowed is A, AAAA, PTR, MX, TXT, CNAME',
  },
  {
    value: { "a.test": { A: "192.0.2.1" } },
    error: "TypeError",
    message:
      'Cannot read dns["a.test"].A: "192.0.2.1" is not allowed, allowed is "timeout", "servfail" or an array of records',
  },
  {
    value: { "a.test": { A: [1] } },
    error: "TypeError",
    message: 'Cannot read dns["a.test"].A[0]: a number is not allowed, allowed is a string',
  },
  {
    value: { "a.test": { A: ["192.0.2.1", "::1"] } },
    error: "SyntaxError",
    message:
      'Cannot read dns["a.test"].A[1]: "::1" is not allowed, allowed is an address as in "192.0.2.1"',
  },
  {
    value: { "a.test": { AAAA: ["192.0.2.1"] } },
    error: "SyntaxError",
    message:
      'Cannot read dns["a.test"].AAAA[0]: "192.0.2.1" is not allowed, allowed is an address as in "2001:db8::1"',
  },
  {
    value: { "a.test": { MX: ["mx.test"] } },
    error: "SyntaxError",
    message:
      'Cannot read dns["a.test"].MX[0]: "mx.test" is not allowed, allowed is a preference and a name as in "10 mail.example.com"',
  },
  {
    value: { "a.test": { MX: ["65536 mx.test"] } },
    error: "SyntaxError",
    message:
      'Cannot read dns["a.test"].MX[0]: "65536 mx.test" is not allowed, allowed is a preference and a name as in "10 mail.example.com"',
  },
  {
    value: { "a.test": { TXT: [["a", null]] } },
    error: "TypeError",
    message:
      'Cannot read dns["a.test"].TXT[0]: null is not allowed, allowed is a string or an array of strings',
  },
  {
    value: { "a.test": { CNAME: ["b", "c"] } },
    error: "SyntaxError",
    message: 'Cannot read dns["a.test"].CNAME: it has 2 records, allowed is one',
  },
];
for (const { value, error, message } of invalid) {
  test(`parseDnsScript: ${message}`, () => {
    assert.throws(() => parseDnsScript(value), { name: error, message });
  });
}

test("parseDnsScript: any JSON is read, or refused with a place", () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      try {
        parseDnsScript(JSON.parse(json));
      } catch (error) {
        assert.ok(error instanceof TypeError || error instanceof SyntaxError);
        assert.match(error.message, /^Cannot read dns/);
      }
    }),
  );
});

test("parseDnsScript: __proto__ and constructor are names like others", () => {
  const script = parseDnsScript(
    JSON.parse('{"__proto__":{"A":["192.0.2.1"]},"constructor":"timeout"}'),
  );
  assert.deepEqual([...script.names.keys()], ["__proto__", "constructor"]);
  assert.equal(({} as Record<string, unknown>)["A"], undefined);
});

test("parseDnsScript: refuses __proto__ as a type", () => {
  assert.throws(() => parseDnsScript(JSON.parse('{"a.test":{"__proto__":[]}}')), SyntaxError);
});
