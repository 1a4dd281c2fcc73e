import type { Socket } from "node:net";

/** One SMTP reply, of one or more lines. */
export interface Reply {
  readonly code: number;
  /** The lines' text without code, joined by LF. */
  readonly text: string;
  /** The lines as received, without line ends. */
  readonly lines: readonly string[];
}

/** Why no reply came. */
export type ReplyEnd = "disconnected" | "timeout";

/** Reads replies from a socket, one at a time. */
export class ReplyReader {
  readonly #lines: string[] = [];
  #partial = "";
  #isEnded = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    socket.on("data", (chunk: Buffer) => {
      const lines = (this.#partial + chunk.toString("latin1")).split("\n");
      this.#partial = lines.pop() ?? "";
      this.#lines.push(...lines.map((line) => line.replace(/\r$/, "")));
      this.#wake?.();
    });
    const end = () => {
      this.#isEnded = true;
      this.#wake?.();
    };
    socket.on("error", end);
    socket.on("end", end);
    socket.on("close", end);
  }

  /** The next reply, or why there is none within `timeoutMs`. Lines of an unfinished reply are lost. */
  async next(timeoutMs: number): Promise<Reply | ReplyEnd> {
    const deadline = performance.now() + timeoutMs;
    const lines: string[] = [];
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) {
        lines.push(line);
        if (line[3] !== "-") return replyOf(lines);
      } else if (this.#isEnded) {
        return "disconnected";
      } else if (!(await this.#change(deadline - performance.now()))) {
        return "timeout";
      }
    }
  }

  async #change(timeoutMs: number): Promise<boolean> {
    if (timeoutMs <= 0) return false;
    let timer: NodeJS.Timeout | undefined;
    const isInTime = await new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs);
      this.#wake = () => resolve(true);
    });
    clearTimeout(timer);
    this.#wake = undefined;
    return isInTime;
  }
}

function replyOf(lines: readonly string[]): Reply {
  const code = Number.parseInt(lines.at(-1)?.slice(0, 3) ?? "", 10);
  return {
    code: Number.isNaN(code) ? 0 : code,
    text: lines.map((line) => line.slice(4)).join("\n"),
    lines,
  };
}
