import type { Group, Mail, Sender } from "./mail.ts";
import { DAY_MS, dayMs, type Faults, HOUR_MS, type Making, many, send, server } from "./send.ts";

/** Own servers with own domains: most have all papers, and one to ten messages a day for a few people here. */
export function ownServers(making: Making, count: number, group: Group): readonly Mail[] {
  const { random } = making;
  return many(making, count, (i) => {
    const name = `${group.replaceAll(/[^a-z]+/g, "-")}-${i}.example`;
    const isCareless = group === "honest, careless set-up";
    const roll = random.next();
    const lostAt = dayMs(10 + random.below(18)) + random.below(24) * HOUR_MS;
    const sender: Sender = {
      ...server(random, name, 20),
      name: { kind: isCareless ? "elsewhere" : "confirmed", text: `mail.${name}` },
      auth: authFor(group, roll),
      ...(group === "honest, reverse name lost for a day"
        ? { lostMs: [lostAt, lostAt + DAY_MS] as const }
        : {}),
    };
    return send(making, sender, { group, isSpam: false, perDay: 1 + random.below(10), readers: 5 });
  });
}

function authFor(group: Group, roll: number): Sender["auth"] {
  // Hijackers look for domains with all their papers.
  if (group === "honest, from a domain that was hijacked") return "dmarc";
  if (group === "honest, careless set-up") return roll < 0.5 ? "spf" : "none";
  if (roll < 0.7) return "dmarc";
  return roll < 0.92 ? "spf" : "none";
}

/** Two whose signed mail somebody else sends again. */
export function replayVictims(making: Making): readonly Mail[] {
  return many(making, 2, (i) =>
    send(making, server(making.random, `victim-${i}.example`, 20), {
      group: "honest, signatures replayed by others",
      isSpam: false,
      perDay: 6,
      readers: 8,
    }),
  );
}

const BULK: Faults = { "no one-click": 0.1 };

/** To many people here, twice a week, and nobody answers. */
export function newsletters(making: Making): readonly Mail[] {
  const { random } = making;
  return many(making, 10, (i) =>
    send(making, server(random, `news-${i}.example`, 20), {
      group: "newsletters",
      isSpam: false,
      author: "news",
      perDay: 4 + random.below(14),
      readers: 60,
      answered: 0,
      faults: BULK,
    }),
  );
}

/** Invoices, passwords, parcels: each to somebody else. */
export function transactional(making: Making): readonly Mail[] {
  const { random } = making;
  return many(making, 10, (i) =>
    send(making, server(random, `shop-${i}.example`, 20), {
      group: "transactional mail",
      isSpam: false,
      author: "noreply",
      perDay: 1 + random.below(12),
      answered: 0,
    }),
  );
}

/** The customers of a service with 16 addresses for all, its own MAIL FROM, and a signature of each customer's. */
export function serviceCustomers(making: Making): readonly Mail[] {
  return many(making, 13, (i) =>
    send(making, atService(`brand-${i}.example`, i), {
      group: "newsletter service, good customers",
      isSpam: false,
      author: "hello",
      perDay: 2 + making.random.below(10),
      readers: 40,
      answered: 0,
      faults: BULK,
    }),
  );
}

/** A customer, sent from one of the service's addresses. */
export function atService(customer: string, i: number): Sender {
  return {
    domain: customer,
    service: "bounces.service.example",
    address: `198.51.100.${1 + (i % 16)}`,
    name: { kind: "confirmed", text: `out-${i % 16}.service.example` },
    auth: "signature",
  };
}

/** Old addresses that hand on what they get, without SRS: signed mail of people who write rarely. */
export function forwarded(making: Making): readonly Mail[] {
  const { random } = making;
  return many(making, 40, (i) => {
    const forwarder = i % 4;
    const sender: Sender = {
      ...server(random, `friend-${i}.example`, 20),
      address: `203.0.113.${10 + forwarder}`,
      name: { kind: "confirmed", text: `fwd.alumni-${forwarder}.example` },
      auth: "signature, SPF fails",
    };
    const group = "forwarded from another mailbox";
    return send(making, sender, { group, isSpam: false, perDay: 0.5, readers: 1 });
  });
}

/** What people write to lists, sent on by the list: a footer breaks their signatures. */
export function discussionLists(making: Making): readonly Mail[] {
  const { random } = making;
  return many(making, 3, (i) => {
    const list = `lists-${i}.example`;
    const server_ = server(random, list, 20);
    return Array.from({ length: 30 }, (_, person) =>
      send(
        making,
        { ...server_, domain: `poster-${i}-${person}.example`, service: list, auth: "list" },
        { group: "discussion lists", isSpam: false, perDay: 0.6, readers: 30, answered: 0 },
      ),
    ).flat();
  });
}

/** Fifty addresses of one pool, thousands of authors. */
export function bigProvider(making: Making): readonly Mail[] {
  const { random } = making;
  return many(making, 1_000, (i) =>
    send(making, atProvider(i), {
      group: "big provider, honest",
      isSpam: false,
      author: `user.${i}`,
      perDay: 0.1 + random.next() * 0.2,
      readers: 3,
    }),
  );
}

export function atProvider(i: number): Sender {
  return {
    domain: "gmail.com",
    address: `192.0.2.${1 + (i % 50)}`,
    name: { kind: "confirmed", text: `mail-${i % 50}.google.com` },
    auth: "dmarc",
  };
}
