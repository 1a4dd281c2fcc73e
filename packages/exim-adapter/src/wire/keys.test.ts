import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeBase64url } from "./base64url.ts";
import { decodeKeys } from "./keys.ts";
import { ProtocolError } from "./protocol-error.ts";

for (const { name, text, bytes } of [
  { name: "nothing", text: "", bytes: "" },
  { name: "one byte", text: "YQ", bytes: "a" },
  { name: "one byte, padded", text: "YQ==", bytes: "a" },
  { name: "two bytes, padded", text: "YWI=", bytes: "ab" },
  { name: "what base64 writes as + and /", text: "-_8", bytes: "\xfb\xff" },
  { name: "the alphabet of base64", text: "+/8", bytes: undefined },
  { name: "one digit alone", text: "Y", bytes: undefined },
  { name: "padding that does not fit", text: "YWI==", bytes: undefined },
  { name: "padding in the middle", text: "YQ==YQ==", bytes: undefined },
  { name: "padding alone", text: "==", bytes: undefined },
  { name: "a blank", text: "Y Q", bytes: undefined },
  { name: "an LF", text: "YQ\n", bytes: undefined },
  { name: "a NUL", text: "YQ\0", bytes: undefined },
]) {
  test(`decodeBase64url: ${name}`, () => assert.equal(decodeBase64url(text), bytes));
}

test("decodeBase64url: gives back any bytes, padded or not", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = Buffer.from(bytes).toString("latin1");
      const plain = Buffer.from(bytes).toString("base64url");
      assert.equal(decodeBase64url(plain), text);
      assert.equal(decodeBase64url(plain.padEnd(Math.ceil(plain.length / 4) * 4, "=")), text);
    }),
  );
});

for (const { name, text, keys } of [
  { name: "none", text: "", keys: {} },
  { name: "blanks around", text: "  ip=YQ   helo=Yg  ", keys: { ip: "a", helo: "b" } },
  { name: "present and empty", text: "from= rcpt=", keys: { from: "", rcpt: "" } },
  { name: "one that nobody knows, whatever it holds", text: "new=!!! ip=YQ", keys: { ip: "a" } },
]) {
  test(`decodeKeys: ${name}`, () => assert.deepEqual(Object.fromEntries(decodeKeys(text)), keys));
}

for (const { name, text } of [
  { name: "twice", text: "ip=YQ ip=YQ" },
  { name: "one that nobody knows, twice", text: "new=1 new=2" },
  { name: "no value", text: "ip" },
  { name: "no key", text: "=YQ" },
  { name: "not base64url", text: "ip=192.0.2.1" },
  { name: "a CR before the end of the line", text: "ip=YQ\r" },
  { name: "too long", text: `helo=${Buffer.alloc(8193).toString("base64url")}` },
]) {
  test(`decodeKeys: refuses ${name}`, () => assert.throws(() => decodeKeys(text), ProtocolError));
}
