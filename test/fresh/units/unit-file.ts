import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";

/** What a unit and its drop-ins say, as systemd.syntax(7) reads them: an empty value forgets those before. */
export interface Unit {
  /** Such as postern.service. */
  readonly name: string;
  /** The values of a key of [Service], in order. */
  all(key: string): readonly string[];
  /** The last one. */
  last(key: string): string | undefined;
}

const folders = [
  "etc/systemd/system",
  "run/systemd/system",
  "usr/lib/systemd/system",
  "lib/systemd/system",
];

/** Reads a unit below `root`; undefined when there is none. A name without a suffix is a service. */
export function readUnit(root: string, wanted: string): Unit | undefined {
  const name = fullName(wanted);
  const template = name.replace(/@[^.]*\./, "@.");
  const path = [name, template]
    .flatMap((file) => folders.map((folder) => join(root, folder, file)))
    .find((file) => existsSync(file));
  if (path === undefined) return undefined;
  const dropIns = folders.flatMap((folder) => {
    const directory = join(root, folder, `${name}.d`);
    if (!existsSync(directory)) return [];
    const files = readdirSync(directory).filter((file) => file.endsWith(".conf"));
    return files.sort().map((file) => join(directory, file));
  });
  const values = new Map<string, string[]>();
  for (const file of [path, ...dropIns]) addService(values, readFileSync(file, "utf8"));
  const instance = /@([^.]*)\./.exec(name)?.[1] ?? "";
  const specifiers: Readonly<Record<string, string>> = {
    i: instance,
    I: instance,
    n: name,
    N: name.replace(/\.\w+$/, ""),
    t: "/run",
    S: "/var/lib",
    L: "/var/log",
    "%": "%",
  };
  const expand = (value: string) =>
    value.replace(/%(.)/g, (all, letter) => specifiers[letter] ?? all);
  const all = (key: string) => (values.get(key) ?? []).map(expand);
  return { name: aliasOf(path, name, template), all, last: (key) => all(key).at(-1) };
}

/** postern stands for postern.service. */
export function fullName(name: string): string {
  return /\.(service|socket|target|timer|path|mount|slice)$/.test(name) ? name : `${name}.service`;
}

/** A link to another unit is that unit. */
function aliasOf(path: string, name: string, template: string): string {
  const real = basename(realpathSync(path));
  return real === template || !real.endsWith(".service") ? name : real;
}

function addService(values: Map<string, string[]>, text: string): void {
  let section = "";
  for (const line of text.replaceAll("\\\n", " ").split("\n")) {
    const trimmed = line.trim();
    if (trimmed === "" || /^[#;]/.test(trimmed)) continue;
    const title = /^\[(.+)\]$/.exec(trimmed)?.[1];
    if (title !== undefined) section = title;
    else if (section === "Service") {
      const at = trimmed.indexOf("=");
      const key = trimmed.slice(0, at).trim();
      const value = trimmed.slice(at + 1).trim();
      if (value === "") values.set(key, []);
      else values.set(key, [...(values.get(key) ?? []), value]);
    }
  }
}

/** A command line of a unit: its words, and the signs before the first one. Variables are replaced as systemd does. */
export function commandLine(
  line: string,
  variables: Readonly<Record<string, string>>,
): { readonly signs: string; readonly words: readonly string[] } {
  const signs = /^[-@:+!]*/.exec(line)?.[0] ?? "";
  const words: string[] = [];
  for (const [, double, single, bare] of line
    .slice(signs.length)
    .matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)) {
    const whole = /^\$(\w+)$/.exec(bare ?? "")?.[1];
    if (whole !== undefined) {
      words.push(...(variables[whole] ?? "").split(/\s+/).filter((word) => word !== ""));
      continue;
    }
    const text = double?.replace(/\\(.)/g, "$1") ?? single ?? bare ?? "";
    words.push(text.replace(/\$\{(\w+)\}/g, (_, name) => variables[name] ?? ""));
  }
  return { signs, words };
}
