import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { missingLine } from "../fresh/shape.ts";
import type { CodeBlock } from "./code-blocks.ts";

/*
 * A `ts` block is a module. One that begins with `// engine.ts` has that name, and the others of its page may import it.
 * Where a block `text printed` comes next, the module is run and prints that (`...` stands for any text, see shape.ts).
 */

const ROOT = join(import.meta.dirname, "../..");
/** Below the clone, where imports of its packages are found; not below node_modules, where node runs no TypeScript. */
const FOLDER = `.cache/blocks-${process.pid}`;

/** What is wrong with the TypeScript of `blocks`, as lines `file:line: message`. */
export function checkTypescript(blocks: readonly CodeBlock[]): readonly string[] {
  const modules = new Map<string, CodeBlock>();
  for (const block of blocks.filter(({ language }) => language === "ts"))
    modules.set(pathOf(block), block);
  try {
    const problems = compile(modules);
    if (problems.length > 0) return problems;
    return blocks.flatMap((block, index) => {
      const next = blocks[index + 1];
      const isRun =
        next?.language === "text" && next.note === "printed" && next.file === block.file;
      return isRun && block.language === "ts" ? run(block, next.text) : [];
    });
  } finally {
    rmSync(join(ROOT, FOLDER), { recursive: true, force: true });
  }
}

function pathOf({ file, line, text }: CodeBlock): string {
  const name = /^\/\/ (\S+\.ts)\n/.exec(text)?.[1] ?? `line-${line}.ts`;
  return join(FOLDER, file.replace(/\.md$/, ""), name);
}

function compile(modules: ReadonlyMap<string, CodeBlock>): readonly string[] {
  for (const [path, { text }] of modules) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
  }
  writeFileSync(join(ROOT, FOLDER, "package.json"), '{ "type": "module" }');
  const config = {
    extends: "../../tsconfig.test.json",
    compilerOptions: { moduleDetection: "force", rootDir: "../.." },
    include: ["**/*.ts"],
  };
  writeFileSync(join(ROOT, FOLDER, "tsconfig.json"), JSON.stringify(config));
  const tsc = ["tsc", "-p", FOLDER, "--pretty", "false"];
  const { stdout, stderr, status } = spawnSync(join(ROOT, "scripts/run"), tsc, {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (status === 0) return [];
  return `${stdout}${stderr}`.split("\n").flatMap((line) => {
    const [, path = "", at, message] = /^(.+?)\((\d+),\d+\): (.*)$/.exec(line) ?? [];
    const block = modules.get(path);
    if (block !== undefined) return [`${block.file}:${block.line + Number(at)}: ${message}`];
    return line.trim() === "" ? [] : [line];
  });
}

function run(block: CodeBlock, printed: string): readonly string[] {
  const path = pathOf(block);
  const node = ["--conditions=source", "--disable-warning=ExperimentalWarning", path];
  const options = { cwd: ROOT, encoding: "utf8", timeout: 120_000 } as const;
  const { stdout, stderr, status, error } = spawnSync(process.execPath, node, options);
  const place = `${block.file}:${block.line}`;
  if (status !== 0) return [`${place}: ended with ${error?.message ?? status}: ${stderr}`];
  const missing = missingLine(printed, stdout);
  return missing === undefined ? [] : [`${place}: did not print\n${missing}\nbut\n${stdout}`];
}
