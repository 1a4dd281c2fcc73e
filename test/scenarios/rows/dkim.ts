import { testKey } from "@postern/mail-auth/testing";
import { confirmed, mail, type Row } from "./base.ts";
import { comesIn, isRefused } from "./outcomes.ts";
import { keys, signed } from "./sign.ts";

/** A sender who says nothing of himself: what is left is DKIM. */
export const silentSender = { from: "bounce@sender.example" };
const NOW_S = Math.floor(Date.now() / 1000);

const broken = (reason: string, debt = 4): Row["expect"] =>
  comesIn({
    results: [new RegExp(`dkim=\\w+\\s+reason="${reason}"`), /dmarc=fail/],
    debt,
    rules: "auth\\.none,dmarc\\.none",
  });
const weak = testKey("rsa-512");

export const dkimRows: readonly Row[] = [
  {
    ...silentSender,
    id: "dkim-rsa",
    message: signed(mail()),
    dns: { ...confirmed, ...keys },
    expect: comesIn({
      results: [
        /dkim=pass header\.d=example\.com header\.s=s\s+header\.a=rsa-sha256 header\.b="[A-Za-z0-9+/]{8}"/,
        /dmarc=pass/,
      ],
      debt: 0,
    }),
  },
  {
    ...silentSender,
    id: "dkim-ed25519",
    message: signed(mail(), { selector: "ed" }),
    dns: { ...confirmed, ...keys },
    expect: comesIn({ results: [/dkim=pass .*\s*header\.a=ed25519-sha256/], debt: 0 }),
  },
  {
    ...silentSender,
    id: "dkim-simple",
    message: signed(mail(["X-Two:  blanks,\n\tfolded"]), {
      canonicalization: "simple/simple",
      headers: ["From", "X-Two", "Subject"],
    }),
    dns: { ...confirmed, ...keys },
    expect: comesIn({ results: [/dkim=pass/], debt: 0 }),
  },
  {
    ...silentSender,
    id: "dkim-body-changed",
    message: `${signed(mail())}and more\n`,
    dns: { ...confirmed, ...keys },
    expect: broken("the body was changed after signing"),
  },
  {
    ...silentSender,
    id: "dkim-body-changed-article",
    config: { authservId: "mx.example.org", policy: "poolp-2019" },
    message: `${signed(mail())}and more\n`,
    dns: { ...confirmed, ...keys },
    expect: isRefused("dkim.body-changed", "550 message rejected"),
  },
  {
    ...silentSender,
    id: "dkim-header-changed",
    message: signed(mail()).replace("Subject: hello", "Subject: buy"),
    dns: { ...confirmed, ...keys },
    expect: broken("the signed header was changed after signing"),
  },
  {
    ...silentSender,
    id: "dkim-key-missing",
    message: signed(mail()),
    expect: broken("there is no key at the selector"),
  },
  {
    ...silentSender,
    id: "dkim-key-revoked",
    message: signed(mail()),
    dns: { ...confirmed, "s._domainkey.example.com": { TXT: ["v=DKIM1; p="] } },
    expect: broken("the key was revoked"),
  },
  {
    ...silentSender,
    id: "dkim-key-weak",
    message: signed(mail(), { key: weak }),
    dns: { ...confirmed, "s._domainkey.example.com": { TXT: [weak.record] } },
    expect: broken("the key is too short"),
  },
  {
    ...silentSender,
    id: "dkim-expired",
    message: signed(mail(), { timestamp: NOW_S - 7_200, expires: NOW_S - 3_600 }),
    dns: { ...confirmed, ...keys },
    expect: broken("the signature has expired"),
  },
  {
    ...silentSender,
    id: "dkim-body-length",
    message: `${signed(mail(), { bodyLength: 7 })}and more\n`,
    dns: { ...confirmed, ...keys },
    expect: broken("the signature leaves a part of the body unsigned"),
  },
  {
    ...silentSender,
    id: "dkim-key-silent",
    message: signed(mail()),
    dns: { ...confirmed, "s._domainkey.example.com": "timeout" },
    expect: comesIn({
      results: [/dkim=temperror\s+reason="the key server does not answer"/, /dmarc=temperror/],
      debt: 0,
    }),
  },
  {
    ...silentSender,
    id: "dkim-one-of-two-breaks",
    message: signed(signed(mail()).replace("Subject: hello", "Subject: [list] hello"), {
      selector: "ed",
    }),
    dns: { ...confirmed, ...keys },
    expect: comesIn({ results: [/dkim=fail/, /dkim=pass/, /dmarc=pass/], debt: 0 }),
  },
  {
    ...silentSender,
    id: "dkim-second-subject",
    message: `Subject: buy\n${signed(mail())}`,
    dns: { ...confirmed, ...keys },
    expect: broken("a field that may stand once stands again, unsigned"),
  },
];
