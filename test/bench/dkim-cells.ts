import { testKey } from "@postern/mail-auth/testing";
import type { Zone } from "../mta/dns-zone.ts";
import type { Load } from "./measure.ts";
import { proseMessage, SIGNER, signed, told } from "./messages.ts";
import { SENDER } from "./tell-message.ts";

/** What each filter is measured with. */
export interface Cell {
  readonly title: string;
  /** Round `rounds` is the one before the first. */
  readonly loadOf: (round: number) => Omit<Load, "cpuMs">;
}

const SIZES = [
  { name: "4 KB", bytes: 4_096, coldMessages: 1_000 },
  { name: "100 KB", bytes: 100_000, coldMessages: 300 },
  { name: "5 MB", bytes: 5_000_000, coldMessages: 20 },
] as const;

/** Messages of each size: not signed, signed with a key that is known, and each with a key that nobody has seen. */
export function* dkimCells(): Generator<Cell> {
  for (const { name, bytes, coldMessages } of SIZES) {
    const text = proseMessage(bytes);
    const unsigned = told(text);
    const warm = signed(text, "warm");
    for (const concurrency of [1, 10]) {
      const common = { concurrency, maxMessages: Number.POSITIVE_INFINITY };
      const title = (what: string) => `${name}, ${what}, ${concurrency} at a time`;
      yield {
        title: title("not signed"),
        loadOf: () => ({ ...common, message: () => unsigned }),
      };
      yield { title: title("key cached"), loadOf: () => ({ ...common, message: () => warm }) };
    }
    yield {
      title: `${name}, key not cached, 1 at a time`,
      loadOf: (round) => ({
        message: (index) => signed(text, coldSelector(bytes, round, index)),
        concurrency: 1,
        maxMessages: coldMessages,
      }),
    };
  }
}

/** What a daemon has seen before it is measured: V8 needs some thousand messages to compile all that is worth it. */
export function warmUpLoad(): Omit<Load, "cpuMs"> {
  const message = signed(proseMessage(SIZES[0].bytes), "warm");
  return { message: () => message, concurrency: 4, maxMessages: 4_000 };
}

/** What the sender publishes: all that makes its mail good, and a key for each selector. */
export function dkimZone(rounds: number): Zone {
  const { record } = testKey("rsa-2048");
  const selectors = SIZES.flatMap(({ bytes, coldMessages }) =>
    Array.from({ length: rounds + 1 }, (_, round) =>
      Array.from({ length: coldMessages }, (_, index) => coldSelector(bytes, round, index)),
    ).flat(),
  );
  const keys = ["warm", ...selectors].map((selector) => [
    `${selector}._domainkey.${SIGNER}`,
    { TXT: [record] },
  ]);
  const [a, b, c, d] = SENDER.address.split(".");
  return {
    [`${d}.${c}.${b}.${a}.in-addr.arpa`]: { PTR: [SENDER.name] },
    [SENDER.name]: { A: [SENDER.address], TXT: [`v=spf1 ip4:${SENDER.address} -all`] },
    [SIGNER]: {
      MX: [`10 ${SENDER.name}`],
      TXT: [`v=spf1 ip4:${SENDER.address} -all`],
    },
    [`_dmarc.${SIGNER}`]: { TXT: ["v=DMARC1; p=reject"] },
    ...Object.fromEntries(keys),
  };
}

/** Short, so that the answer fits into one UDP packet also where a filter asks without EDNS. */
function coldSelector(bytes: number, round: number, index: number): string {
  const size = SIZES.findIndex((one) => one.bytes === bytes);
  return `c${size}-${round}-${index}`;
}
