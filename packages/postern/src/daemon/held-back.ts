import type { Dns, Resolver } from "@postern/dns";
import type { ListSource } from "@postern/filter-runtime";

/** The DNS and the lists of conversations that begin before anything may be asked. */
export function heldBack(
  dns: Dns,
  lists: ListSource,
  until: Promise<void>,
): { readonly dns: Dns; readonly lists: ListSource } {
  const hold = (resolver: Resolver): Resolver => ({
    ask: async (name, type) => {
      await until;
      return resolver.ask(name, type);
    },
  });
  return {
    dns: { ...dns, ...hold(dns), forAsker: (asker) => hold(dns.forAsker(asker)) },
    lists: {
      ...lists,
      lookUp: async (resolver, address) => {
        await until;
        return lists.lookUp(resolver, address);
      },
    },
  };
}
