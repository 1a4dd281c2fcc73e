import { confirmed } from "./rows/base.ts";

const ZONE = "zen.spamhaus.org";
const CLIENTS = 12;

/** Honest servers, all in order. */
export const honestClients: readonly string[] = Array.from(
  { length: CLIENTS },
  (_, n) => `192.0.2.${n + 1}`,
);

/** A list that would refuse by itself, were it believed. */
export const listConfig = {
  authservId: "mx.example.org",
  lists: [{ zone: ZONE, operator: "spamhaus", codes: { "127.0.0.2": "drop", "127.0.0.3": "css" } }],
};

type Zone = Readonly<Record<string, unknown>>;

const listed = (address: string, answer: string): Zone => ({
  [`${address.split(".").reverse().join(".")}.${ZONE}`]: { A: [answer] },
});

const everyAddress = (answer: string): Zone => ({ [`*.${ZONE}`]: { A: [answer] } });

const selfTest = listed("127.0.0.2", "127.0.0.2");

/** Reverse and forward names of the clients, and a sender's domain that says they may. */
const servers: Zone = Object.assign(
  {
    "example.com": { MX: ["10 mail.example.com"], TXT: ["v=spf1 ip4:192.0.2.0/24 -all"] },
    "_dmarc.example.com": { TXT: ["v=DMARC1; p=reject"] },
  },
  confirmed,
  ...honestClients.flatMap((address, n) => [
    {
      [`${address.split(".").reverse().join(".")}.in-addr.arpa`]: { PTR: [`mail${n}.example.com`] },
    },
    { [`mail${n}.example.com`]: { A: [address] } },
  ]),
);

/** The list as it should be: it lists its test entry, and whoever is given. */
export function healthyList(...bad: readonly string[]): Zone {
  return {
    ...servers,
    ...selfTest,
    ...Object.assign({}, ...bad.map((one) => listed(one, "127.0.0.3"))),
  };
}

/** Six ways in which lists have gone bad (SECURITY.md T9). */
export const sickLists: Readonly<Record<string, Zone>> = {
  "it says that we ask by a wrong name": { ...servers, ...everyAddress("127.255.255.252") },
  "it says that we ask through an open resolver": {
    ...servers,
    ...everyAddress("127.255.255.254"),
  },
  "it says that our quota is used up": { ...servers, ...everyAddress("127.255.255.255") },
  "somebody bought its name": { ...servers, ...everyAddress("203.0.113.80") },
  "it ended, and lists the whole world": { ...servers, ...everyAddress("127.0.0.2") },
  "it is gone": servers,
};
