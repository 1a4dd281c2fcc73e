import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EximOptions } from "../mta/exim.ts";

const EXAMPLES = join(import.meta.dirname, "../../examples/exim");

/** The text of a file in examples/exim. */
export function example(name: string): Promise<string> {
  return readFile(join(EXAMPLES, name), "utf8");
}

/** What a test says of its Exim; the rest is that of examples/exim. */
export type PosternEximOptions = Pick<EximOptions, "instanceDir" | "port" | "sinkPort"> &
  Partial<Omit<EximOptions, "aclOf" | "moreAcls" | "files">> & {
    /** Macros by their names, without `POSTERN_`, as an admin sets them above the .include. */
    readonly macros?: Readonly<Record<string, string>>;
  };

/** An Exim whose configuration includes both files of examples/exim, unchanged. */
export async function withPostern({
  macros = {},
  settings = [],
  ...options
}: PosternEximOptions): Promise<EximOptions> {
  const site = { SITE_MAIL: "acl_mail", SITE_RCPT: "acl_rcpt", SITE_DATA: "acl_data" };
  return {
    dns: "hosts",
    hostLookup: "",
    ...options,
    aclOf: {
      connect: null,
      helo: null,
      mail: "acl_postern_mail",
      rcpt: "acl_postern_rcpt",
      data: "acl_postern_data",
    },
    settings: [
      ...settings,
      ...Object.entries({ ...site, ...macros }).map(([name, text]) => `POSTERN_${name} = ${text}`),
      ".include /etc/exim4/postern-main.conf",
    ],
    moreAcls: [".include /etc/exim4/postern-acl.conf"],
    files: {
      "exim4/postern-main.conf": await example("postern-main.conf"),
      "exim4/postern-acl.conf": await example("postern-acl.conf"),
    },
  };
}

/** AUTH PLAIN, with or without TLS: every password is right. */
export const authenticator: readonly string[] = [
  "begin authenticators",
  "plain:",
  "  driver = plaintext",
  "  public_name = PLAIN",
  "  server_prompts = :",
  "  server_condition = true",
  "  server_set_id = $auth2",
  "  server_advertise_condition = true",
];
