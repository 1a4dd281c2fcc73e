import assert from "node:assert/strict";
import { test } from "node:test";
import { readOwnResults } from "./results-reader.ts";

const read = (value: string) =>
  readOwnResults(value, "mx.example.org")?.map(({ method, result, properties }) => [
    method,
    result,
    Object.fromEntries(properties),
  ]);

for (const [name, value, results] of [
  [
    "what we write, folded",
    ' mx.example.org;\r\n iprev=pass policy.iprev="2001:db8::1";\r\n spf=pass smtp.mailfrom=example.com',
    [
      ["iprev", "pass", { "policy.iprev": "2001:db8::1" }],
      ["spf", "pass", { "smtp.mailfrom": "example.com" }],
    ],
  ],
  [
    "a semicolon and an equals sign inside quotes end nothing",
    'mx.example.org;\n dkim=fail reason="a; dkim=pass header.d=b" header.d=example.com',
    [["dkim", "fail", { reason: "a; dkim=pass header.d=b", "header.d": "example.com" }]],
  ],
  [
    "an escaped quote",
    'mx.example.org; dkim=fail reason="a\\"; b" header.d=example.com',
    [["dkim", "fail", { reason: 'a"; b', "header.d": "example.com" }]],
  ],
  ["nothing was looked at", "mx.example.org; none", []],
  ["of somebody else", "mx.example.net; spf=pass smtp.mailfrom=example.com", undefined],
  ["empty", "", undefined],
] as const) {
  test(`readOwnResults: ${name}`, () => assert.deepEqual(read(value), results));
}
