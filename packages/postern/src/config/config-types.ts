import type { Policy, Site } from "@postern/filter-core";
import type { Domain, Network } from "@postern/smtp-filter";

/** `postern.yaml`, read: every default in its place, every relative path absolute. */
export interface Config {
  /** An absolute path, or `stdin`; null: there is none, the defaults apply. */
  readonly file: string | null;
  readonly listen: {
    readonly milter: readonly Listener[];
    readonly exim: readonly Listener[];
    /** Where users' marks come in: file rights say who may teach. */
    readonly learn: readonly UnixListener[];
  };
  readonly state: State;
  readonly dns: {
    /** null: the system's. */
    readonly servers: readonly string[] | null;
    readonly timeoutMs: number;
    readonly probe: string;
  };
  readonly site: Site;
  readonly policy: Policy;
  /** By rule id and source of credit: where its weight was last set, `postmaster-2026` or `postern.yaml:12`. */
  readonly policySources: ReadonlyMap<string, string>;
  readonly expectations: readonly Expectation[];
  /** Absolute paths of the files that entries were read from: a change of one is a reason to read everything again. */
  readonly watchedFiles: readonly string[];
  readonly trusted: readonly Network[];
  readonly forwarders: readonly Forwarder[];
  readonly submission: {
    readonly ports: readonly number[];
    readonly daemonNames: readonly string[];
  };
  readonly scoreZones: readonly string[];
  readonly lists: readonly List[];
  /** Dropped to after binding, when started as root. */
  readonly user: string | null;
  /** An absolute path; null: none is written. */
  readonly pidFile: string | null;
  readonly log: {
    /** Whether each line ends in its time; null: where nobody else adds one. */
    readonly time: boolean | null;
  };
  readonly onFailure: FaultAnswer;
  readonly onDnsDown: FaultAnswer;
  readonly limits: {
    readonly connections: number;
    /** What all connections together may hold of what is not judged yet, in MiB. */
    readonly pendingMiB: number;
    readonly messageDeadlineMs: number;
    readonly stateDeadlineMs: number;
    readonly sessionCpuMs: number;
    readonly networkCpuMs: number;
  };
}

/** Where what is learned of senders is kept. */
export type State =
  | { readonly kind: "memory" }
  /** `isDefault`: nobody asked for this file; where it cannot be had, memory does. */
  | { readonly kind: "sqlite"; readonly path: string; readonly isDefault?: true }
  | { readonly kind: "redis"; readonly url: string }
  /** Nothing is learned: reputation, deferrals and second chances are off. */
  | { readonly kind: "none" };

export type FaultAnswer = "accept" | "tempfail";

export interface UnixListener {
  readonly kind: "unix";
  readonly path: string;
  readonly mode: number;
  readonly group: string | null;
}

export type Listener =
  | UnixListener
  | {
      readonly kind: "inet";
      readonly host: string;
      /** 0: the system chooses one. */
      readonly port: number;
      readonly allowRemote: readonly Network[];
    };

export type Forwarder =
  | { readonly kind: "client"; readonly network: Network }
  | { readonly kind: "arc-sealer"; readonly domain: Domain };

/** A DNS list and what its answers mean. */
export interface List {
  /** As it is shown: without the access key. */
  readonly zone: string;
  /** As it is asked, `key.zone` where there is an access key: never to be shown. */
  readonly query: string;
  readonly operator: string;
  /** From patterns of answers, `127.0.0.4-7` or `127.0.*.2`, to the labels they stand for. */
  readonly codes: Readonly<Record<string, string>>;
  /** Its page on an address, with the variable {ip}; null: there is none. */
  readonly url: string | null;
  /** Where the access key was written: `key`, or by mistake in the `zone`; null: there is none. */
  readonly keyFrom: "key" | "zone" | null;
}

/** A verdict that an example may have. */
export interface AllowedVerdict {
  readonly action: string;
  /** The rule that decides. */
  readonly rule?: string;
  /** Rules that make an observation. */
  readonly matches?: readonly string[];
  /** Rules that make none. */
  readonly matchesNot?: readonly string[];
}

/** An example of a policy: a conversation, and what must become of it. */
export interface Expectation {
  readonly name: string;
  /** Keys over the fixed test configuration; undefined: none. */
  readonly config: unknown;
  /** The conversation, as a line of `try --jsonl`. */
  readonly input: unknown;
  readonly allowed: readonly AllowedVerdict[];
  /** `own`: of the administrator's own file, so that a failing one blocks a reload. */
  readonly origin: "own" | "inherited";
  /** `file:line`. */
  readonly place: string;
}
