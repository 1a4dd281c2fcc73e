import { unreachable } from "@postern/smtp-filter";
import type { ServerEvent } from "../events.ts";

/** How often each event happened since the start. */
export interface MilterCounters {
  readonly accepted: number;
  /** Connections there are now. */
  readonly open: number;
  readonly overLimit: number;
  /** Silent connections that made way for newer ones. */
  readonly displaced: number;
  /** Connections that held the most when all held too much. */
  readonly evicted: number;
  readonly refusedPeers: number;
  readonly protocolErrors: number;
  /** The MTA did not send, or did not read, in time. */
  readonly slowPeers: number;
  readonly listenerErrors: number;
  /** The filter threw, or was late. */
  readonly failures: number;
}

/** Counts events, and passes them on to the listener. */
export class Tally {
  readonly #onEvent: (event: ServerEvent) => void;
  accepted = 0;
  #overLimit = 0;
  #displaced = 0;
  #evicted = 0;
  #refusedPeers = 0;
  #protocolErrors = 0;
  #slowPeers = 0;
  #listenerErrors = 0;
  #failures = 0;

  constructor(onEvent: (event: ServerEvent) => void) {
    this.#onEvent = onEvent;
  }

  readonly tell = (event: ServerEvent): void => {
    this.#count(event);
    this.#onEvent(event);
  };

  counters(open: number): MilterCounters {
    return {
      accepted: this.accepted,
      open,
      overLimit: this.#overLimit,
      displaced: this.#displaced,
      evicted: this.#evicted,
      refusedPeers: this.#refusedPeers,
      protocolErrors: this.#protocolErrors,
      slowPeers: this.#slowPeers,
      listenerErrors: this.#listenerErrors,
      failures: this.#failures,
    };
  }

  #count(event: ServerEvent): void {
    switch (event.kind) {
      case "over-limit":
        this.#overLimit += 1;
        return;
      case "displaced":
        this.#displaced += 1;
        return;
      case "evicted":
        this.#evicted += 1;
        return;
      case "refused-connection":
        this.#refusedPeers += 1;
        return;
      case "protocol-error":
        this.#protocolErrors += 1;
        return;
      case "peer-deadline":
      case "not-reading":
        this.#slowPeers += 1;
        return;
      case "listener-error":
        this.#listenerErrors += 1;
        return;
      case "handler-error":
      case "deadline":
      case "internal-error":
        this.#failures += 1;
        return;
      case "missing-actions":
      case "out-of-order":
      case "late-answer":
      case "edit-not-negotiated":
      case "header-dropped":
        return;
      default:
        unreachable(event);
    }
  }
}
