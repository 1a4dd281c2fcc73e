import assert from "node:assert/strict";
import { test } from "node:test";
import { realMtaAvailability } from "./available.ts";
import { cacheDirectory } from "./cache-directory.ts";
import { fetchPackages } from "./fetch-packages.ts";

const availability = realMtaAvailability();
const skip = availability.kind === "skip" && availability.reason;

test("fetchPackages: a program of a set, and one that is not there", { skip }, async () => {
  const { program } = await fetchPackages(cacheDirectory(), () => {}, ["postfix"]);
  assert.match((await program("postfix", "usr/sbin/postconf")).command, /\/usr\/sbin\/postconf$/);
  await assert.rejects(program("postfix", "usr/sbin/moon"), /Cannot find usr\/sbin\/moon below/);
});

test("fetchPackages: a cache that cannot be mounted", async () => {
  const refused = { name: "RangeError", message: /^Cannot mount from \/tmp\/a:b:/ };
  await assert.rejects(
    fetchPackages("/tmp/a:b", () => {}),
    refused,
  );
});
