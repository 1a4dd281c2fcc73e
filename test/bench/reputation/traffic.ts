import type { Group, Mail, Sender } from "./mail.ts";
import { type Random, seededRandom } from "./random.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 9, 25);
export const DAYS = 30;

/** Thirty days of mail, the same for the same seed, in order of time. */
export function makeTraffic(seed: number): readonly Mail[] {
  const random = seededRandom(seed);
  return [
    ...honest(random, 150, "honest, in order"),
    ...honest(random, 40, "honest, in order, reverse name lost for a day"),
    ...honest(random, 30, "honest, careless set-up"),
    ...hijacked(random, 8),
    ...bigProvider(random),
    ...snowshoe(random),
    ...ordinarySpam(random),
  ].toSorted((a, b) => a.atMs - b.atMs);
}

/** Own servers with own domains: most have all papers, and one to ten messages a day. */
function honest(random: Random, count: number, group: Group): readonly Mail[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `${group.replaceAll(/[^a-z]+/g, "-")}-${i}.example`;
    const isCareless = group === "honest, careless set-up";
    const roll = random.next();
    const lostAt = START_MS + (10 + random.below(18)) * DAY_MS + random.below(24) * HOUR_MS;
    // Small servers have no score, or a middling one: scores are made of volume.
    const score = random.isLess(0.5) ? undefined : 60 + random.below(40);
    const sender: Sender = {
      domain: name,
      address: addressIn(random, 20),
      name: { kind: isCareless ? "elsewhere" : "confirmed", text: `mail.${name}` },
      auth: isCareless
        ? roll < 0.5
          ? "spf"
          : "none"
        : roll < 0.7
          ? "dmarc"
          : roll < 0.92
            ? "spf"
            : "none",
      score: () => score,
      ...(group === "honest, in order, reverse name lost for a day"
        ? { lostMs: [lostAt, lostAt + DAY_MS] as const }
        : {}),
    };
    return send(random, sender, { group, isSpam: false, perDay: 1 + random.below(10) });
  }).flat();
}

/** Honest for 17 days; then, for three, somebody sends 200 a day through it, with all its papers. */
function hijacked(random: Random, count: number): readonly Mail[] {
  const usual = honest(random, count, "honest, from a domain that was hijacked");
  const senders = [...new Set(usual.map(({ sender }) => sender))];
  const spam = senders.flatMap((victim) => {
    // The world outside notices within a day; honest mail meets the same score.
    const sender: Sender = { ...victim, score: (atMs) => (isAfter(atMs, 18) ? 35 : 80) };
    return send(random, sender, {
      group: "spam from a hijacked domain",
      isSpam: true,
      perDay: 200,
      days: [17, 20],
      faultShare: 0.5,
    });
  });
  return [...usual, ...spam];
}

/** Fifty addresses of one pool; of its mail, one in twenty is spam. */
function bigProvider(random: Random): readonly Mail[] {
  return Array.from({ length: 50 }, (_, i) => {
    const sender: Sender = {
      domain: "gmail.com",
      address: `203.0.113.${i + 1}`,
      name: { kind: "confirmed", text: `mail-${i + 1}.google.com` },
      auth: "dmarc",
      score: () => 75 + (i % 20),
    };
    return [
      ...send(random, sender, { group: "big provider, honest", isSpam: false, perDay: 10 }),
      ...send(random, sender, { group: "big provider, spam", isSpam: true, perDay: 0.5 }),
    ];
  }).flat();
}

/** Each day twenty new /64s, over five domains that last four days; a list has each after half a day. */
function snowshoe(random: Random): readonly Mail[] {
  const mails: Mail[] = [];
  for (let day = 0; day < DAYS; day += 1) {
    for (let i = 0; i < 20; i += 1) {
      const name = `offer-${Math.floor(day / 4)}-${i % 5}.example`;
      const sender: Sender = {
        domain: name,
        address: `2001:db8:${(0x100 + day).toString(16)}:${i + 1}::1`,
        name: { kind: "confirmed", text: `mail-${i}.${name}` },
        auth: "dmarc",
        score: () => undefined,
        listed: { label: "css", fromMs: START_MS + day * DAY_MS + 12 * HOUR_MS },
      };
      const group = "snowshoe, a new /64 each day";
      mails.push(
        ...send(random, sender, {
          group,
          isSpam: true,
          perDay: 30,
          days: [day, day + 1],
          faultShare: 0.6,
        }),
      );
    }
  }
  return mails;
}

/** Hijacked machines on lines: forged authors, no papers; half of them have no reverse name. */
function ordinarySpam(random: Random): readonly Mail[] {
  return Array.from({ length: 1_500 }, (_, i) => {
    const first = random.below(DAYS);
    const score = random.isLess(0.6) ? 1 + random.below(40) : undefined;
    const address = addressIn(random, 60);
    const isServer = random.isLess(0.3);
    const auth = (["forged-none", "forged-absent", "forged-reject"] as const)[random.below(3)];
    const sender: Sender = {
      domain: `bot-${i}.example`,
      address,
      name: isServer
        ? { kind: random.isLess(0.5) ? "confirmed" : "elsewhere", text: `web${i}.shop.example` }
        : {
            kind: random.isLess(0.6) ? "none" : "confirmed",
            text: `dyn-${address.replaceAll(".", "-")}.isp.example`,
          },
      auth: auth ?? "forged-none",
      score: () => score,
      ...(random.isLess(0.4) ? { listed: { label: "pbl", fromMs: START_MS } as const } : {}),
    };
    const days = [first, Math.min(DAYS, first + 1 + random.below(6))] as const;
    return send(random, sender, {
      group: "ordinary spam",
      isSpam: true,
      perDay: 4,
      days,
      faultShare: 0.3,
      comesBack: 0.1,
    });
  }).flat();
}

interface Sending {
  readonly group: Group;
  readonly isSpam: boolean;
  readonly perDay: number;
  readonly days?: readonly [from: number, to: number];
  /** In how many messages each small fault is. */
  readonly faultShare?: number;
  /** How many come back after a 4xx. */
  readonly comesBack?: number;
}

function send(
  random: Random,
  sender: Sender,
  {
    group,
    isSpam,
    perDay,
    days: [from, to] = [0, DAYS],
    faultShare = 0.03,
    comesBack = 1,
  }: Sending,
): readonly Mail[] {
  const count = Math.round(perDay * (to - from));
  return Array.from({ length: count }, () => ({
    group,
    isSpam,
    atMs: START_MS + Math.floor((from + random.next() * (to - from)) * DAY_MS),
    sender,
    comesBack: random.isLess(comesBack),
    isMarked: random.isLess(isSpam ? 0.1 : 0.2),
    isAnswered: !isSpam && random.isLess(0.03),
    guesses: isSpam && random.isLess(0.3),
    faults: (["no Message-ID", "no one-click", "HELO without address"] as const).filter(() =>
      random.isLess(faultShare),
    ),
  }));
}

function isAfter(atMs: number, day: number): boolean {
  return atMs >= START_MS + day * DAY_MS;
}

function addressIn(random: Random, firstOctet: number): string {
  const rest = [random.below(256), random.below(256), 1 + random.below(254)];
  return [firstOctet + random.below(20), ...rest].join(".");
}
