import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Machine, RunOptions, Who } from "./machine.ts";
import type { Block, Page } from "./markdown-blocks.ts";
import { missingLine } from "./shape.ts";

/** How a page is played. */
export interface Play {
  readonly machine: Machine;
  readonly page: Page;
  /** Who types the sh blocks; what needs apt-get is always typed by root. */
  readonly who: Who;
  /** For commands that fetch. */
  readonly env: Readonly<Record<string, string>>;
  /** Blocks that are left out this time. */
  readonly leaveOut?: RegExp;
  /** Before the first block below each heading, and at the end of each. */
  readonly hooks: Hooks;
  /** What the block `smtp` is compared with. */
  readonly refusal: () => Promise<string>;
  readonly log: (line: string) => void;
}

/** By heading; those of a page that has no such heading are an error. */
export interface Hooks {
  readonly before: Readonly<Record<string, () => Promise<void>>>;
  readonly after: Readonly<Record<string, () => Promise<void>>>;
}

/**
 * Plays all blocks of a page in their order.
 * @returns how many there were.
 * @throws {Error} at the first one that does not do what the page says.
 */
export async function playPage(play: Play): Promise<number> {
  const { page, hooks, log } = play;
  for (const heading of [...Object.keys(hooks.before), ...Object.keys(hooks.after)]) {
    if (!page.headings.includes(heading)) throw new Error(`The page has no heading "${heading}"`);
  }
  let steps = 0;
  const playAll = async (blocks: readonly Block[]) => {
    for (const block of blocks) {
      if (block.kind === "sh" && play.leaveOut?.test(block.text)) {
        log(`line ${block.line}: left out: ${titleOf(block)}`);
        continue;
      }
      log(`line ${block.line}: ${titleOf(block)}`);
      await playBlock(play, block).catch((cause) => {
        throw new Error(`line ${block.line} of the page`, { cause });
      });
      steps += 1;
    }
  };
  await playAll(page.blocks.filter(({ when }) => when === "first"));
  for (const heading of page.headings) {
    await hooks.before[heading]?.();
    const isHere = (block: Block) => block.heading === heading && block.when === undefined;
    await playAll(page.blocks.filter(isHere));
    await hooks.after[heading]?.();
  }
  return steps;
}

async function playBlock(play: Play, block: Block): Promise<void> {
  switch (block.kind) {
    case "sh":
      await type(play, block.text, play.who);
      return;
    case "console":
      for (const { command, output, prompt } of block.exchanges) {
        const printed = await type(play, command, prompt === "#" ? "root" : "user");
        const missing = missingLine(output, printed);
        if (missing !== undefined) {
          throw new Error(`"${command}" did not print the line\n${missing}\nbut\n${printed}`);
        }
      }
      return;
    case "file": {
      const path = join(play.machine.root, block.path);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, block.text);
      return;
    }
    case "smtp": {
      const said = await play.refusal();
      if (missingLine(block.text, said) !== undefined) {
        throw new Error(`The client did not read\n${block.text}\nbut\n${said}`);
      }
      return;
    }
    default:
      return unreachable(block);
  }
}

async function type(play: Play, script: string, who: Who): Promise<string> {
  const isFetching = /^(\w+=\S+ )*(apt-get|npm|git clone)\b/m.test(script);
  const options: RunOptions = {
    who: /^(\w+=\S+ )*apt-get\b/m.test(script) ? "root" : who,
    ...(isFetching && { network: "outside", env: play.env }),
  };
  const { exitCode, output } = await play.machine.run(script, options);
  if (exitCode !== 0) throw new Error(`${script}\nended with ${exitCode}:\n${output.slice(-6000)}`);
  return output;
}

function titleOf(block: Block): string {
  if (block.kind === "file") return `write ${block.path}`;
  if (block.kind === "console") return block.exchanges.map(({ command }) => command).join("; ");
  return block.text.split("\n").join("; ");
}

function unreachable(value: never): never {
  throw new TypeError(`Unknown block ${JSON.stringify(value)}`);
}
