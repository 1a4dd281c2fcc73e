import assert from "node:assert/strict";
import { test } from "node:test";
import { isIpv6, networkHas, parseNetwork } from "@postern/smtp-filter";
import { createControlAddresses, POOLS } from "./control-addresses.ts";

test("createControlAddresses: comes back to an address only after all others", () => {
  const pool = createControlAddresses(POOLS.ipv4);
  const all = Array.from({ length: 256 }, () => pool.take()).flat();
  assert.equal(all.length, 26 * 256);
  assert.equal(new Set(all.map(({ address }) => address)).size, 26 * 256);
  const again = pool.take().map(({ address }) => address);
  assert.deepEqual(
    again,
    all.slice(0, 26).map(({ address }) => address),
  );
});

test("createControlAddresses: eight at a time are from eight networks", () => {
  const pool = createControlAddresses(POOLS.ipv4);
  for (let i = 0; i < 1000; i += 1) {
    const eight = pool.take(8);
    assert.equal(new Set(eight.map(({ prefix }) => prefix)).size, 8);
    const others = pool.others(eight).map(({ prefix }) => prefix);
    assert.equal(others.length, 18);
    assert.equal(new Set([...others, ...eight.map(({ prefix }) => prefix)]).size, 26);
  }
});

test("createControlAddresses: documentation addresses are RFC 5737's", () => {
  const networks = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"].map(parseNetwork);
  const seen = createControlAddresses(POOLS.documentation).take();
  for (const [i, { address }] of seen.entries()) {
    const network = networks[i];
    assert.ok(network !== undefined && networkHas(network, address));
  }
  assert.equal(seen.length, 3);
});

test("createControlAddresses: IPv6", () => {
  const seen = createControlAddresses(POOLS.ipv6).take();
  assert.equal(seen.length, 26);
  assert.equal(new Set(seen.map(({ address }) => address)).size, 26);
  assert.ok(seen.every(({ address }) => isIpv6(address)));
});

test("createControlAddresses: networks set aside are not asked again, as long as they are of few operators", () => {
  const pool = createControlAddresses(POOLS.ipv4);
  const all = pool.take();
  // One operator has 15 of the 26.
  const ofOne = all.filter(({ weight }) => weight < 1);
  assert.equal(ofOne.length, 15);
  assert.equal(pool.setAside(ofOne), "a few");
  const left = pool.take();
  assert.equal(left.length, 11);
  assert.ok(left.every(({ weight }) => weight === 1));
  assert.equal(pool.setAside(left.slice(0, 3)), "a few");
  assert.equal(pool.setAside(pool.take(1)), "too many");
  assert.equal(pool.take().length, 8);
  pool.reset();
  assert.equal(pool.take().length, 26);
});
