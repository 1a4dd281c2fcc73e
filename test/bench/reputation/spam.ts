import { atProvider, atService, ownServers } from "./honest.ts";
import type { Mail, Sender } from "./mail.ts";
import {
  addressIn,
  DAYS,
  dayMs,
  type Faults,
  HOUR_MS,
  type Making,
  many,
  send,
  server,
} from "./send.ts";

/** The share without a Message-ID is that of measured phishing, and so is that of bots without TLS. */
const CARELESS: Faults = {
  "no Message-ID": 0.108,
  "no one-click": 0.3,
  "HELO without address": 0.3,
};
const BOTS: Faults = { ...CARELESS, "no TLS": 0.425 };

/** Honest for 17 days; then, for three, somebody sends 200 a day through it, with all its papers. */
export function hijacked(making: Making): readonly Mail[] {
  const usual = ownServers(making, 3, "honest, from a domain that was hijacked");
  const spam = [...new Set(usual.map(({ sender }) => sender))].flatMap((victim) => {
    return send(making, victim, {
      group: "hijacked domains",
      isSpam: true,
      perDay: 200,
      days: [17, 20],
      faults: CARELESS,
    });
  });
  return [...usual, ...spam];
}

/** One of a thousand of a big provider's users is there for spam, until the provider closes the account. */
export function badAuthors(making: Making): readonly Mail[] {
  const { random } = making;
  return many(making, 1, (i) => {
    const first = random.below(DAYS - 7);
    return send(making, atProvider(i * 7), {
      group: "big provider, bad authors",
      isSpam: true,
      author: `offer.${i}`,
      perDay: 40,
      days: [first, first + 7],
    });
  });
}

/** What the same newsletter service sends for customers with bought addresses. */
export function badCustomers(making: Making): readonly Mail[] {
  const { random } = making;
  return many(making, 1, (i) => {
    const first = 5 + random.below(DAYS - 15);
    return send(making, atService(`deal-${i}.example`, i * 5), {
      group: "newsletter service, bad customers",
      isSpam: true,
      author: "deals",
      perDay: 60,
      days: [first, first + 7],
    });
  });
}

/** Each day eight new /64s, over two domains that last four days; a list has each after half a day. */
export function snowshoe(making: Making): readonly Mail[] {
  const { random } = making;
  return Array.from({ length: DAYS }, (_, day) =>
    many(making, 2, (i) =>
      [0, 1, 2, 3].flatMap((host) => {
        const name = `offer-${Math.floor(day / 4)}-${i}.example`;
        const sender: Sender = {
          ...server(random, name, 40),
          address: `2001:db8:${(0x100 + day).toString(16)}:${4 * i + host + 1}::1`,
          listed: { label: "css", fromMs: dayMs(day) + 12 * HOUR_MS },
        };
        return send(making, sender, {
          group: "snowshoe, a new /64 each day",
          isSpam: true,
          perDay: 30,
          days: [day, day + 1],
          faults: CARELESS,
        });
      }),
    ),
  ).flat();
}

/** So little a day that nobody minds. */
export function slowDrip(making: Making): readonly Mail[] {
  return many(making, 4, (i) =>
    send(making, server(making.random, `drip-${i}.example`, 40), {
      group: "slow drip, 4 a day",
      isSpam: true,
      perDay: 4,
    }),
  );
}

/** Fifteen days of clean mail to a mailbox of his own and to everybody's list addresses; then 150 a day. */
export function launderers(making: Making): readonly Mail[] {
  return many(making, 2, (i) => {
    const sender = server(making.random, `laundry-${i}.example`, 40);
    const group = "launderers' clean mail";
    const clean = send(making, sender, {
      group,
      isSpam: false,
      perDay: 30,
      days: [0, 15],
      readers: 4,
      answered: 0,
      faults: {},
    });
    const spam = send(making, sender, {
      group: "launderer, spam after 15 days",
      isSpam: true,
      perDay: 150,
      days: [15, 19],
    });
    return [...clean, ...spam];
  });
}

/** A signed message of an honest domain, sent again from three networks with a MAIL FROM of their own. */
export function replays(making: Making, victims: readonly Mail[]): readonly Mail[] {
  const { random } = making;
  const domains = [...new Set(victims.map(({ sender }) => sender.domain))];
  return domains.flatMap((victim, i) =>
    [0, 1, 2].flatMap((network) => {
      const name = `replay-${i}-${network}.example`;
      const sender: Sender = {
        ...server(random, name, 40),
        domain: victim,
        service: name,
        auth: "signature",
      };
      return send(making, sender, {
        group: "replay of a signed message",
        isSpam: true,
        perDay: 60,
        days: [12, 16],
      });
    }),
  );
}

/** On one day, each from an address that was never seen before. */
export function flood(making: Making): readonly Mail[] {
  return many(making, 1_000, (i) =>
    send(making, bot(making, `flood-${i}.example`, i), {
      group: "flood of strangers",
      isSpam: true,
      perDay: 1,
      days: [20, 21],
      faults: BOTS,
      comesBack: 0.1,
    }),
  );
}

/** Hijacked machines on lines: forged authors, no papers; half of them have no reverse name. */
export function ordinarySpam(making: Making): readonly Mail[] {
  const { random } = making;
  return many(making, 500, (i) => {
    const first = random.below(DAYS);
    return send(making, bot(making, `bot-${i}.example`, i), {
      group: "ordinary spam",
      isSpam: true,
      perDay: 4,
      days: [first, Math.min(DAYS, first + 1 + random.below(6))],
      faults: BOTS,
      comesBack: 0.1,
    });
  });
}

function bot({ random }: Making, name: string, i: number): Sender {
  const address = addressIn(random, 60);
  const isServer = random.isLess(0.3);
  const auth = (["forged-none", "forged-absent", "forged-reject"] as const)[random.below(3)];
  return {
    domain: name,
    address,
    name: isServer
      ? { kind: random.isLess(0.5) ? "confirmed" : "elsewhere", text: `web${i}.shop.example` }
      : {
          kind: random.isLess(0.6) ? "none" : "confirmed",
          text: `dyn-${address.replaceAll(".", "-")}.isp.example`,
        },
    auth: auth ?? "forged-none",
    ...(random.isLess(0.4) ? { listed: { label: "pbl", fromMs: dayMs(0) } as const } : {}),
  };
}
