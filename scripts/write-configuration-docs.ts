/**
 * Writes docs/configuration.md from the declarations of the keys of postern.yaml and of policy files: `npm run docs`.
 * With --check it writes nothing and fails where the page is not current.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { documentedKeys } from "../packages/postern/src/config/documented-keys.ts";
import type { SchemaName } from "../packages/postern/src/config/json-schema.ts";

const PAGE = new URL("../docs/configuration.md", import.meta.url);

const page = [
  "# Every key",
  "",
  "<!-- Written by `npm run docs` from the keys declared in packages/postern/src/config. Do not edit. -->",
  "",
  "`postern.yaml` is one YAML file; every key is optional. It is looked for as `./postern.yaml` (not by root), then as",
  "`/etc/postern/postern.yaml`; relative paths in it start at its folder. Unknown keys and bad values are refused with",
  'their place, and `postern check` exits with 78. Quote IPv6 addresses: `"2001:db8::/32"`.',
  "",
  "*reload* says when a changed value applies: `live` with SIGHUP (`systemctl reload postern`), for new SMTP sessions;",
  "`restart` when Postern starts again. `serve` says so where a reload finds such a change.",
  "",
  "## In an editor",
  "",
  "Editors that know YAML by JSON Schema (the YAML language server: VS Code, Neovim, Emacs, Helix, Zed) complete these keys",
  "and mark mistakes while you type. In the folder of the file, write its schema:",
  "",
  "```sh",
  "postern check --schema > postern.schema.json",
  "postern check --schema policy > policy.schema.json",
  "```",
  "",
  "and make this the first line of `postern.yaml`; in a policy file, name `policy.schema.json`:",
  "",
  "```yaml",
  "# yaml-language-server: $schema=postern.schema.json",
  "```",
  "",
  "A path is relative to the file; `file:///etc/postern/postern.schema.json` and `https://` URLs work as well. Write it again",
  "after an update. `postern check` sees more: what belongs together, whether files exist, whether zones answer.",
  "",
  "## postern.yaml",
  "",
  ...tableOf("config"),
  "",
  "## Policy files",
  "",
  "What `policy:` names or holds; all of it is `live`. See [policy.md](policy.md).",
  "",
  ...tableOf("policy"),
  "",
].join("\n");

if (!process.argv.includes("--check")) {
  writeFileSync(PAGE, page);
} else if (readCurrent() !== page) {
  process.stderr.write("docs/configuration.md is not current: run npm run docs\n");
  process.exitCode = 1;
}

function readCurrent(): string {
  try {
    return readFileSync(PAGE, "utf8");
  } catch {
    return "";
  }
}

function tableOf(name: SchemaName): string[] {
  return [
    "| key | value | default | reload | meaning |",
    "|---|---|---|---|---|",
    ...documentedKeys(name).map(({ name: key, value, default: otherwise, reload, meaning }) => {
      const cells = [`\`${key}\``, value, otherwise, reload, meaning];
      return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    }),
  ];
}
