import { readFileSync } from "node:fs";

/** `postern 0.1.0`, as `postern --version` prints it. */
export function versionLine(): string {
  const file = new URL("../package.json", import.meta.url);
  const { name, version } = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  return `${name} ${version}`;
}
