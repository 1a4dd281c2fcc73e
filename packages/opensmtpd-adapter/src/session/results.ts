import type { FailureAnswer } from "../engine-messages.ts";
import type { Result } from "../wire/encode.ts";
import type { Phase } from "../wire/line.ts";
import { COME_BACK, TRY_LATER } from "../wire/reply-line.ts";
import type { Ending } from "./questions.ts";

/** What a request is answered with, after the question to the engine has ended. */
export function resultFor(phase: Phase, ending: Ending, onFailure: FailureAnswer): Result {
  switch (ending.kind) {
    case "continue":
    case "deliver":
      return { kind: "proceed" };
    case "refuse":
      return ending.ends === "session"
        ? { kind: "disconnect", reply: ending.reply }
        : refusal(phase, ending.reply);
    default:
      return onFailure === "accept" || phase.kind === "other"
        ? { kind: "proceed" }
        : refusal(phase, phase.kind === "connect" ? COME_BACK : TRY_LATER);
  }
}

function refusal(phase: Phase, reply: string): Result {
  // A client rejected at connect stays connected without a banner, and is told nothing but 503 (6.8, 7.8).
  return { kind: phase.kind === "connect" ? "disconnect" : "reject", reply };
}
