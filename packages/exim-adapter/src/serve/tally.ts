import { unreachable } from "@postern/smtp-filter";
import type { ServerEvent } from "../events.ts";

/** How often each event happened since the start. */
export interface ListenerCounters {
  readonly accepted: number;
  /** Connections there are now. */
  readonly open: number;
  readonly overLimit: number;
  /** Silent connections that made way for newer ones. */
  readonly displaced: number;
  /** Connections that held the most when all held too much. */
  readonly greedy: number;
  readonly refusedPeers: number;
  readonly protocolErrors: number;
  /** The peer did not send, or did not read, in time. */
  readonly slowPeers: number;
  readonly listenerErrors: number;
  /** The filter threw, or was late. */
  readonly failures: number;
  /** Messages that were too large to be looked at. */
  readonly unseenMessages: number;
  /** Header fields that nobody forged, removed with others of their name. */
  readonly lostFields: number;
}

/** Counts events, and passes them on to the listener. */
export class Tally {
  readonly #onEvent: (event: ServerEvent) => void;
  accepted = 0;
  #overLimit = 0;
  #displaced = 0;
  #greedy = 0;
  #refusedPeers = 0;
  #protocolErrors = 0;
  #slowPeers = 0;
  #listenerErrors = 0;
  #failures = 0;
  #unseenMessages = 0;
  #lostFields = 0;

  constructor(onEvent: (event: ServerEvent) => void) {
    this.#onEvent = onEvent;
  }

  readonly tell = (event: ServerEvent): void => {
    this.#count(event);
    this.#onEvent(event);
  };

  counters(open: number): ListenerCounters {
    return {
      accepted: this.accepted,
      open,
      overLimit: this.#overLimit,
      displaced: this.#displaced,
      greedy: this.#greedy,
      refusedPeers: this.#refusedPeers,
      protocolErrors: this.#protocolErrors,
      slowPeers: this.#slowPeers,
      listenerErrors: this.#listenerErrors,
      failures: this.#failures,
      unseenMessages: this.#unseenMessages,
      lostFields: this.#lostFields,
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
        this.#greedy += 1;
        return;
      case "refused-connection":
        this.#refusedPeers += 1;
        return;
      case "protocol-error":
        this.#protocolErrors += 1;
        return;
      case "peer-deadline":
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
      case "message-too-large":
        this.#unseenMessages += 1;
        return;
      case "fields-lost":
        this.#lostFields += event.fields;
        return;
      case "late-answer":
      case "too-many-recipients":
      case "fields-unsaid":
      case "edit-dropped":
        return;
      default:
        unreachable(event);
    }
  }
}
