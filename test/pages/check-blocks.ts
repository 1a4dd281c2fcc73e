/* npm run check:blocks: compiles and runs the code in README, docs and the packages' pages. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { codeBlocks } from "./code-blocks.ts";
import { checkPlayed, checkShell } from "./shell-blocks.ts";
import { checkTypescript } from "./typescript-blocks.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGES = ["*.md", "docs/*.md", "packages/*/*.md"];

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const files = globSync(PAGES, { cwd: ROOT }).sort();
const blocks = files.flatMap((file) => codeBlocks(file, read(file)));
const problems = [...checkTypescript(blocks), ...checkShell(blocks), ...checkPlayed(read)];
for (const problem of problems) process.stderr.write(`${problem}\n`);
const count = (language: string) => blocks.filter((block) => block.language === language).length;
process.stdout.write(
  `${files.length} pages: ${count("ts")} blocks of TypeScript, ${count("sh")} of shell, ${problems.length} problems\n`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
