import assert from "node:assert/strict";
import { test } from "node:test";
import { domain } from "../testing/samples.ts";
import { fitsShape, parseNameShape } from "./name-shape.ts";

const author = { domain: domain("news.example.com"), organization: domain("example.com") };

const fitting: readonly (readonly [shape: string, name: string])[] = [
  ["*-host.colocrossing.com", "192-0-2-7-host.colocrossing.com"],
  ["ipN.ip-*.eu", "ip12.ip-51-77-1.eu"],
  ["*.staticrdns.*", "a7.staticrdns.hoster.example"],
  ["unassigned-*", "unassigned-192.0.2.7.example"],
  ["example.com", "example.com"],
  ["a*a.example", "aba.example"],
  ["{author}.N.gappssmtp.com", "news.example.com.20230601.gappssmtp.com"],
  ["{author}.N.gappssmtp.com", "news-example-com.20230601.gappssmtp.com"],
  ["{label}.onmicrosoft.com", "example.onmicrosoft.com"],
];
for (const [shape, name] of fitting) {
  test(`fitsShape: ${name} fits ${shape}`, () => {
    assert.equal(fitsShape(name, parse(shape), author), true);
  });
}

const others: readonly (readonly [shape: string, name: string])[] = [
  ["*-host.colocrossing.com", "192-0-2-7-host.colocrossing.com.example"],
  ["ipN.ip-*.eu", "ip.ip-51-77-1.eu"],
  ["a*a.example", "a.example"],
  ["example.com", "www.example.com"],
  ["{author}.N.gappssmtp.com", "example.com.20230601.gappssmtp.com"],
  ["{author}.N.gappssmtp.com", "news.example.com.gappssmtp.com"],
  ["{label}.onmicrosoft.com", "attacker.onmicrosoft.com"],
];
for (const [shape, name] of others) {
  test(`fitsShape: ${name} does not fit ${shape}`, () => {
    assert.equal(fitsShape(name, parse(shape), author), false);
  });
}

test("fitsShape: without an author a shape that needs one fits nothing", () => {
  assert.equal(fitsShape("example.onmicrosoft.com", parse("{label}.onmicrosoft.com")), false);
});

test("fitsShape: an author domain with digits", () => {
  const other = { domain: domain("4u.example"), organization: domain("4u.example") };
  const name = "4u-example.20230601.gappssmtp.com";
  assert.equal(fitsShape(name, parse("{author}.N.gappssmtp.com"), other), true);
});

for (const text of [
  "",
  "*",
  "*.*",
  "-*.",
  "a b",
  "A.example",
  "{domain}.example",
  "a.".repeat(200),
]) {
  test(`parseNameShape: ${JSON.stringify(text.slice(0, 20))} is not a shape`, () => {
    assert.equal(parseNameShape(text), undefined);
  });
}

function parse(text: string) {
  return parseNameShape(text) ?? assert.fail(text);
}
