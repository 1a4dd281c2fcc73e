import type { Clock } from "@postern/smtp-filter";

const EVERY_MS = 60_000;

/** Says how often something happened: the first time at once, after that at most once a minute. */
export function sparingly(
  say: (times: number) => void,
  { nowMs }: Pick<Clock, "nowMs">,
): () => void {
  let saidAtMs = Number.NEGATIVE_INFINITY;
  let unsaid = 0;
  return () => {
    unsaid += 1;
    if (nowMs() - saidAtMs < EVERY_MS) return;
    say(unsaid);
    saidAtMs = nowMs();
    unsaid = 0;
  };
}
