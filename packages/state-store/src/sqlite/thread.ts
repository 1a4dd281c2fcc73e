import { parentPort, workerData } from "node:worker_threads";
import { capacityFor } from "../limits.ts";
import { unreachable } from "../unreachable.ts";
import { faultOfFile } from "./file-fault.ts";
import { isInPlace, type OpenFile, openFile } from "./open-file.ts";
import { openReadOnly } from "./read-only.ts";
import type { Answered, Asked, Replies, Request, ThreadData } from "./request.ts";
import { Table } from "./table.ts";

/* A thread that holds the file: one reads, one writes, so that no read waits for a batch or a checkpoint. */

const { path, maxKeys, role } = workerData as ThreadData;
const WALK_EVERY_MS = 5_000;

let open: { readonly file: OpenFile; readonly table: Table } | undefined;

function table(): Table {
  if (open === undefined) {
    const file = role === "visitor" ? openReadOnly(path) : openFile(path, role);
    open = { file, table: new Table(file.database, capacityFor(maxKeys)) };
  }
  return open.table;
}

function closeFile(): void {
  const { file } = open ?? {};
  open = undefined;
  try {
    file?.database.close();
  } catch {
    // Closed is closed.
  }
}

function answer(request: Request): Replies[Request["kind"]] {
  switch (request.kind) {
    case "read":
      return table().read(request.keys, request.nowSeconds);
    case "apply":
      return table().apply(request.changes, request.nowSeconds);
    case "list":
      return table().list(request.prefix, request.limit, request.nowSeconds);
    case "forget":
      return table().forget(request.key, request.nowSeconds);
    case "probe":
      // The file may have been moved away meanwhile, as the message about a damaged one asks for.
      closeFileThatMoved();
      if (role === "writer") table().probe(request.nowSeconds);
      else table().read(["probe"], request.nowSeconds);
      return null;
    case "lastWritten":
      return table().lastWritten();
    case "close":
      closeFile();
      return null;
    default:
      return unreachable(request);
  }
}

function outcomeOf(request: Request): Answered["outcome"] {
  try {
    return { kind: "done", value: answer(request) };
  } catch (error) {
    const { message, batch, weight } = faultOfFile(path, error);
    if (weight === "proof") closeFile();
    return { kind: "failed", message, batch, weight };
  }
}

function closeFileThatMoved(): void {
  if (open !== undefined && !isInPlace(path, open.file)) closeFile();
}

parentPort?.on("message", ({ id, request }: Asked) => {
  const answered: Answered = { id, outcome: outcomeOf(request) };
  parentPort?.postMessage(answered);
});

setInterval(() => {
  closeFileThatMoved();
  if (role !== "writer" || open === undefined) return;
  try {
    open.table.walkOn(Math.floor(Date.now() / 1000));
  } catch {
    // The next request meets the same fault, and tells.
  }
}, WALK_EVERY_MS).unref();
