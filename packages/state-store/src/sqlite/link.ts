import { Worker } from "node:worker_threads";
import { closedFault, StoreFault } from "../backend.ts";
import type { Answered, Asked, Replies, Request, ThreadData } from "./request.ts";

/** As the package is run from its sources or built: the thread is this file's neighbour of the same ending. */
const THREAD = new URL(
  import.meta.url.endsWith(".ts") ? "./thread.ts" : "./thread.js",
  import.meta.url,
);

interface Waiter {
  readonly resolve: (value: Replies[Request["kind"]]) => void;
  readonly reject: (fault: StoreFault) => void;
}

/** The main thread's end of one thread: started when first asked, and again after it has ended, until {@link end}. */
export class Link {
  readonly #data: ThreadData;
  readonly #waiting = new Map<number, Waiter>();
  #worker: Worker | undefined;
  #lastId = 0;
  #ending: Promise<void> | undefined;

  constructor(data: ThreadData) {
    this.#data = data;
  }

  /** @throws {StoreFault} */
  ask<K extends Request["kind"]>(request: Request & { kind: K }): Promise<Replies[K]> {
    // A thread started now would be ended by nobody, and would keep the process alive.
    if (this.#ending !== undefined) return Promise.reject(closedFault());
    return this.#send<K>(request);
  }

  /** For good. Never rejects. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    // A thread that died meanwhile holds nothing any more.
    await this.#send({ kind: "close" }).catch(() => {});
    await worker.terminate();
  }

  #send<K extends Request["kind"]>(request: Request & { kind: K }): Promise<Replies[K]> {
    return new Promise<Replies[K]>((resolve, reject) => {
      this.#lastId += 1;
      const asked: Asked = { id: this.#lastId, request };
      const worker = this.#start();
      // Each answer has the shape of its own question.
      this.#waiting.set(asked.id, { resolve: resolve as Waiter["resolve"], reject });
      worker.postMessage(asked);
    });
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(THREAD, {
      workerData: this.#data,
      // Only this: the thread imports its neighbours alone, and node:sqlite announces itself as experimental.
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    this.#worker = worker;
    worker.on("message", (answered: Answered) => this.#settle(answered));
    worker.on("error", (error: Error) => this.#fail(worker, error.message));
    worker.on("exit", () => this.#fail(worker, "its thread ended"));
    return worker;
  }

  #settle({ id, outcome }: Answered): void {
    const waiter = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (outcome.kind === "done") waiter?.resolve(outcome.value);
    else waiter?.reject(new StoreFault(outcome.message, outcome));
  }

  /** The system may have ended the thread for want of memory, in the middle of anything. */
  #fail(worker: Worker, message: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const waiters = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiters) {
      reject(new StoreFault(message, { batch: "unknown", weight: "suspicion" }));
    }
  }
}
