import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { sealMessage } from "../testing/mail/seal.ts";
import { signMessage, testKey } from "../testing/mail/sign.ts";
import {
  type DkimVerifier,
  type DkimVerifierOptions,
  type HeaderRow,
  type LegacyResolve,
  loadMailauth,
  type SpfError,
} from "./mailauth.ts";
import { ResolveError } from "./mailauth-resolver.ts";

/*
 * The contract: what the code beside this file takes for granted of mailauth. Where a new version fails here,
 * its change is to be understood before the version is raised.
 */
const require = createRequire(import.meta.url);
const key = testKey("rsa-2048");
const weak = testKey("rsa-512");

const zone: Readonly<Record<string, string>> = {
  "s._domainkey.example.com": key.record,
  "weak._domainkey.example.com": weak.record,
  "revoked._domainkey.example.com": "v=DKIM1; p=",
  "_dmarc.example.com": "v=DMARC1; p=reject",
};
const resolve: LegacyResolve = async (name, type) => {
  const text = type === "TXT" ? zone[name] : undefined;
  if (name.startsWith("slow.")) throw new ResolveError("ETIMEOUT", name);
  if (text === undefined) throw new ResolveError("ENOTFOUND", name);
  return [[text]];
};
const options: DkimVerifierOptions = {
  strict: true,
  resolver: resolve,
  minBitLength: 1_024,
  curTime: new Date("2026-11-24T12:00:00Z"),
  sender: "unused@invalid",
};
const plain = "From: a@example.com\r\nSubject: hello\r\n\r\nHello.\r\n";

test("mailauth is the version that was looked into", () => {
  assert.equal(require("mailauth/package.json").version, "7.1.0");
});

function rowsOf(message: string): readonly HeaderRow[] {
  return message
    .slice(0, message.indexOf("\r\n\r\n"))
    .split(/\r\n(?![ \t])/)
    .map((line) => {
      const casedKey = line.slice(0, line.indexOf(":"));
      return { key: casedKey.toLowerCase(), casedKey, line: Buffer.from(line, "latin1") };
    });
}

async function verify(message: string, change?: (verifier: DkimVerifier) => void) {
  const { DkimVerifier } = loadMailauth();
  const verifier = new DkimVerifier(options);
  const headers = { parsed: rowsOf(message) };
  verifier.headers = headers;
  const prepared = verifier.messageHeaders(headers);
  // Synchronous to its end: body hashes are there before the promise is.
  const hashes = [...verifier.bodyHashes.keys()];
  change?.(verifier);
  await prepared;
  const body = Buffer.from(message.slice(message.indexOf("\r\n\r\n") + 4), "latin1");
  for (const hash of verifier.bodyHashes.values()) hash.update(body);
  await verifier.finalChunk();
  return { verifier, hashes, results: verifier.results };
}

const sign = (change: Partial<Parameters<typeof signMessage>[1]> = {}) =>
  signMessage(plain, { domain: "example.com", selector: "s", key, ...change });

const outcomes: readonly [
  name: string,
  message: string,
  result: string,
  comment: string | undefined,
][] = [
  ["pass", sign(), "pass", undefined],
  ["body", `${sign()}more\r\n`, "fail", "body hash did not verify"],
  ["header", sign().replace("Subject: hello", "Subject: buy"), "fail", "bad signature"],
  ["no key", sign({ selector: "none" }), "neutral", "no key"],
  ["revoked", sign({ selector: "revoked" }), "neutral", "invalid public key"],
  ["weak", sign({ selector: "weak", key: weak }), "policy", undefined],
  ["slow", sign({ selector: "slow" }), "temperror", "DNS failure: ETIMEOUT"],
  ["sha1", sign({ algorithm: "rsa-sha1" }), "policy", "weak algorithm"],
  ["expired", sign({ timestamp: 1, expires: 2 }), "neutral", "expired"],
  ["From", sign({ headers: ["Subject"] }), "neutral", "From field not signed"],
  ["identity", sign({ identity: "@example.net" }), "neutral", "domain mismatch"],
  ["algorithm", sign().replace("a=rsa-sha256", "a=rsa-md5"), "neutral", "unknown algorithm"],
  ["twice", sign({ extraTags: "d=example.net" }), "neutral", "signature syntax error"],
];

for (const [name, message, result, comment] of outcomes) {
  test(`mailauth DKIM: ${name}`, async () => {
    const { results } = await verify(message);
    assert.equal(results.length, 1);
    assert.equal(results[0]?.status.result, result);
    assert.equal(results[0]?.status.comment, comment);
  });
}

test("mailauth DKIM: hashes are made while the header is read, one for each way and length", async () => {
  const { hashes, verifier } = await verify(
    signMessage(sign({ bodyLength: 0 }), {
      domain: "example.com",
      selector: "s",
      key,
      canonicalization: "simple/simple",
    }),
  );
  assert.deepEqual(hashes, ["simple:sha256:", "relaxed:sha256:0"]);
  assert.deepEqual(
    verifier.signatureHeaders.map(({ bodyHashKey }) => bodyHashKey),
    hashes,
  );
  assert.deepEqual(
    verifier.results.map(({ status }) => status.underSized),
    [undefined, 8],
  );
});

test("mailauth DKIM: it looks for signed fields where `headers` says when the body is over", async () => {
  const { results } = await verify(sign(), (verifier) => {
    verifier.headers = { parsed: rowsOf(sign().replace("Subject: hello", "Subject: buy")) };
  });
  assert.equal(results[0]?.status.comment, "bad signature");
});

test("mailauth DKIM: a subclass decides how the body is hashed and when a signature is verified", () => {
  const { DkimVerifier } = loadMailauth();
  for (const name of ["addBodyHash", "verifySignature", "messageHeaders", "finalChunk"])
    assert.equal(
      typeof Object.getOwnPropertyDescriptor(DkimVerifier.prototype, name)?.value,
      "function",
      name,
    );
});

test("mailauth DKIM: key lookups that were begun early are not made again", async () => {
  const asked: string[] = [];
  const { DkimVerifier } = loadMailauth();
  const verifier = new DkimVerifier({
    ...options,
    resolver: async (name, type) => {
      asked.push(name);
      return await resolve(name, type);
    },
  });
  const headers = { parsed: rowsOf(sign()) };
  await verifier.messageHeaders(headers);
  verifier.headers = headers;
  void verifier.keyCache.get("DKIM", "s._domainkey.example.com", 1_024, {
    strict: true,
    hashAlgo: "sha256",
  });
  for (const hash of verifier.bodyHashes.values()) hash.update(Buffer.from("Hello.\r\n"));
  await verifier.finalChunk();
  assert.deepEqual(asked, ["s._domainkey.example.com"]);
});

test("mailauth ARC: none without a chain; a key that could not be asked for is a failure to it", async () => {
  const { verifier } = await verify(plain);
  const { arc } = loadMailauth();
  const parameters = { strict: true, resolver: resolve, minBitLength: 1_024 } as const;
  assert.equal((await arc(verifier.arc, parameters)).status.result, "none");
  const seal = (selector: string) =>
    verify(
      sealMessage(plain, {
        domain: "example.com",
        selector,
        key,
        authenticationResults: "mx.example.com; dkim=pass",
      }),
    );
  const result = async (selector: string) =>
    (await arc((await seal(selector)).verifier.arc, parameters)).status.result;
  assert.equal(await result("s"), "pass");
  const { authenticationResults } = await arc((await seal("s")).verifier.arc, parameters);
  assert.deepEqual(
    authenticationResults?.dkim?.map((one) => one.result),
    ["pass"],
  );
  assert.equal(await result("slow"), "fail");
});

test("mailauth DMARC: results, the policy that applies, and false without one author", async () => {
  const { dmarc } = loadMailauth();
  const ask = (headerFrom: readonly string[], dkim: readonly string[]) =>
    dmarc({
      headerFrom,
      fromFields: 1,
      spfDomains: [],
      dkimDomains: dkim.map((domain) => ({ domain })),
      resolver: resolve,
      strict: true,
    });
  const read = async (answer: ReturnType<typeof ask>) => {
    const outcome = await answer;
    return outcome === false ? false : [outcome.status.result, outcome.policy];
  };
  assert.deepEqual(await read(ask(["a@example.com"], [])), ["fail", "reject"]);
  assert.deepEqual(await read(ask(["a@example.com"], ["example.com"])), ["pass", "reject"]);
  assert.deepEqual(await read(ask(["a@example.net"], [])), ["none", undefined]);
  assert.equal(await read(ask([], [])), false);
});

test("mailauth SPF: a match names its mechanism; a failure is thrown with its result", async () => {
  const { spfVerify } = loadMailauth();
  const check = (text: string) =>
    spfVerify("example.com", {
      sender: "a@example.com",
      ip: "192.0.2.1",
      helo: "mail.example.com",
      mta: "unknown",
      strict: true,
      ctx: { warnings: new Set(), usedLocalPart: false },
      resolver: async () => [[text]],
      expResolver: resolve,
      createSubResolver: () => resolve,
    });
  assert.deepEqual(
    Object.entries((await check("v=spf1 ip4:192.0.2.1 -all")) || {})
      .filter(([name]) => name === "type" || name === "qualifier")
      .sort(),
    [
      ["qualifier", "+"],
      ["type", "ip4"],
    ],
  );
  const all = await check("v=spf1 +all");
  assert.equal(all !== false && all.type, "all");
  await assert.rejects(
    check("v=spf1 nonsense"),
    (error: SpfError) => error.spfResult?.error === "permerror",
  );
});

test("at most 40 packages run with us, none with an install script", () => {
  const { packages } = require("../../../../package-lock.json") as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  const ours = Object.entries(packages).filter(
    ([path, { dev, optional, link }]) =>
      path.startsWith("node_modules/") && !dev && !optional && !link,
  );
  assert.ok(ours.length <= 40, `${ours.length} packages`);
  assert.deepEqual(
    Object.entries(packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path),
    [],
  );
});

interface LockedPackage {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}
