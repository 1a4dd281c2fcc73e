import type { Domain, Network } from "@postern/smtp-filter";
import { z } from "zod";
import { optional } from "./key.ts";
import { domain, network, strict } from "./values.ts";

export type Forwarder =
  | { readonly kind: "client"; readonly network: Network }
  | { readonly kind: "arc-sealer"; readonly domain: Domain };

const keys = strict({
  client: optional(network, {
    meaning: "The IP address or network it connects from.",
    otherwise: "none",
  }),
  arcSealer: optional(domain, {
    meaning: "The domain in d= of its ARC seals.",
    otherwise: "none",
  }),
});

/** A host that relays mail for users of this server. */
export const forwarder: z.ZodType<Forwarder> = keys
  .meta({ minProperties: 1, maxProperties: 1 })
  .transform(({ client, arcSealer }, context) => {
    if (client !== undefined && arcSealer === undefined) return { kind: "client", network: client };
    if (arcSealer !== undefined && client === undefined)
      return { kind: "arc-sealer", domain: arcSealer };
    const message =
      "a forwarder needs exactly one key: { client: 198.51.100.7 } or { arcSealer: lists.example.net }";
    context.issues.push({ code: "custom", message, input: null, params: { isSentence: true } });
    return z.NEVER;
  });
