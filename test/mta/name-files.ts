/** Where a mail server's client names come from: `hosts` alone (no DNS question is asked), or the DNS on 127.0.0.1:53 after them. */
export type NameSource = "hosts" | "127.0.0.1";

/**
 * The files below etc that say how names are found.
 * @param extraHosts lines of hosts beside localhost, such as `192.0.2.1 mail.example.com`.
 */
export function nameFiles(
  dns: NameSource,
  extraHosts: readonly string[] = [],
): Readonly<Record<string, string>> {
  const files = ["passwd", "group", "shadow", "services", "protocols", "aliases"];
  const switches = [`hosts: ${dns === "hosts" ? "files" : "files dns"}`];
  return {
    hosts: lines(["127.0.0.1 localhost", "::1 localhost", ...extraHosts]),
    "nsswitch.conf": lines([...switches, ...files.map((name) => `${name}: files`)]),
    // `lookup` is read by OpenSMTPD's resolver alone, `options` by glibc's alone.
    "resolv.conf": lines([
      "nameserver 127.0.0.1",
      `lookup ${dns === "hosts" ? "file" : "file bind"}`,
      "options timeout:1 attempts:1",
    ]),
  };
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
