import type { ServerEvent } from "./events.ts";
import type { StartTimer } from "./timers.ts";

/** What a listener has seen since it began. */
export interface Counters {
  /** Connections that are open now. */
  readonly open: number;
  /** Connections taken in, those refused not counted. */
  readonly accepted: number;
  /** Events by kind, reported or not. */
  readonly events: Readonly<Partial<Record<ServerEvent["kind"], number>>>;
}

const MAX_NOISE = 10;
const NOISE_WINDOW_MS = 60_000;

/**
 * Counts all events and passes them on; of connections that never spoke the protocol (port scans, TLS, HTTP) and of
 * those refused, at most ten a minute.
 */
export class EventLog {
  readonly #onEvent: (event: ServerEvent) => void;
  readonly #startTimer: StartTimer;
  readonly #counts: Partial<Record<ServerEvent["kind"], number>> = {};
  #noise = 0;
  #stop: (() => void) | undefined;

  constructor(onEvent: (event: ServerEvent) => void, startTimer: StartTimer) {
    this.#onEvent = onEvent;
    this.#startTimer = startTimer;
  }

  get counts(): Counters["events"] {
    return { ...this.#counts };
  }

  report(event: ServerEvent): void {
    this.#counts[event.kind] = (this.#counts[event.kind] ?? 0) + 1;
    if (!isNoise(event) || this.#admitsNoise()) this.#onEvent(event);
  }

  close(): void {
    this.#stop?.();
  }

  #admitsNoise(): boolean {
    this.#noise += 1;
    this.#stop ??= this.#startTimer(NOISE_WINDOW_MS, () => {
      this.#noise = 0;
      this.#stop = undefined;
    });
    return this.#noise <= MAX_NOISE;
  }
}

function isNoise(event: ServerEvent): boolean {
  switch (event.kind) {
    case "protocol-error":
      return event.state === "new";
    case "peer-deadline":
      return event.waitedFor === "negotiation";
    default:
      return event.kind === "refused-connection" || event.kind === "over-limit";
  }
}
