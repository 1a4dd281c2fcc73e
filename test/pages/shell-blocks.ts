import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPage } from "../fresh/markdown-blocks.ts";
import { pages } from "../fresh/pages.ts";
import type { CodeBlock } from "./code-blocks.ts";

/*
 * A block `sh` runs: on a page that test:fresh plays, there; on any other, here, in an empty folder, with `postern` on
 * PATH. One that cannot run says why: `sh example: needs a running Redis`.
 */

const ROOT = join(import.meta.dirname, "../..");
const LANGUAGES = new Set(["sh", "console"]);

/** What is wrong with the shell commands of `blocks`, as lines `file:line: message`. */
export function checkShell(blocks: readonly CodeBlock[]): readonly string[] {
  const played = new Set(pages.map(({ file }) => file));
  const folder = mkdtempSync(join(tmpdir(), "postern-blocks-"));
  try {
    const postern = join(folder, "postern");
    const main = join(ROOT, "packages/postern/src/main.ts");
    writeFileSync(
      postern,
      `#!/bin/sh\nexec "${process.execPath}" --conditions=source "${main}" "$@"\n`,
    );
    chmodSync(postern, 0o755);
    return blocks
      .filter(({ language }) => LANGUAGES.has(language))
      .flatMap((block) => {
        if (/^example: \S/.test(block.note)) return [];
        const place = `${block.file}:${block.line}`;
        if (block.note.startsWith("example"))
          return [`${place}: say why it is only to be read: sh example: needs root`];
        return played.has(block.file) ? [] : run(place, block, folder);
      });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(place: string, { text, language, note }: CodeBlock, path: string): readonly string[] {
  if (language !== "sh" || note !== "") return [`${place}: nobody plays it: ${language} ${note}`];
  const cwd = mkdtempSync(join(path, "block-"));
  const env = { PATH: `${path}:${process.env["PATH"]}`, HOME: cwd, XDG_STATE_HOME: cwd };
  const options = { cwd, env, encoding: "utf8", timeout: 120_000 } as const;
  const { status, stdout, stderr } = spawnSync("sh", ["-euc", text], options);
  return status === 0 ? [] : [`${place}: ended with ${status}: ${stdout}${stderr}`];
}

/** What test:fresh would refuse, of the pages that it plays. */
export function checkPlayed(read: (file: string) => string): readonly string[] {
  return pages.flatMap(({ file }) => {
    try {
      readPage(read(file));
      return [];
    } catch (error) {
      return [`${file}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}
