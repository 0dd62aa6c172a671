import type { RelationKind } from "./relations.ts";
import type { Sums } from "./sums.ts";

/** Everything that rules can know of one group over one window. */
export interface Measured {
  readonly sums: Sums;
  readonly relations: Readonly<Record<RelationKind, number>>;
  /** Failed handshakes by side and reason: `client:certificate_expired` → how many. */
  readonly tls: ReadonlyMap<string, number>;
  /** Of a proxy: the same sums apart for each kind of module endpoint; "" is what is none. */
  readonly endpoints: ReadonlyMap<string, Sums>;
  /** Of a proxy: the sums of modules, by the number of their prefix, again apart for each endpoint. */
  readonly modules: ReadonlyMap<number, ReadonlyMap<string, Sums>>;
}

/** What Viascope measured of itself; null is not known. */
export interface OwnState {
  /** Share of the disk of the database that is used, whatever it is used for. */
  readonly diskUsed: number | null;
  /** How long the disk will do at the growth of the last days, in seconds. */
  readonly diskLeftSeconds: number | null;
  /** Share of the spool that is used, of the process whose spool is fullest; null without a spool, too. */
  readonly spoolUsed: number | null;
  /** What senders brought in the last five minutes that processes told of. */
  readonly received: Received | null;
}

/** What became of what senders brought. */
export interface Received {
  readonly recordsStored: number;
  readonly recordsRefused: number;
  readonly requestsTaken: number;
  readonly requestsRefused: number;
  /** What is gone though no sender was told so: messages, requests, and once for each kind of damage. */
  readonly lost: number;
}

/** Who is measured: a proxy, one upstream of it, or what belongs to no proxy. */
export interface Measurand {
  readonly proxy: string;
  readonly upstream: string | null;
  /** The target that a certificate was read from. */
  readonly certificate?: string;
  /** The name of a token. */
  readonly token?: string;
  /** Viascope itself. */
  readonly own?: OwnState;
}

/** One group as rules look at it. */
export interface Group extends Measurand {
  /** By the length of the window in seconds. A window without an entry had no records. */
  readonly windows: ReadonlyMap<number, Measured>;
  /** Start of the newest record, epoch milliseconds; null when nothing is known of it. */
  readonly lastMs: number | null;
  /** Attempts that found the upstream unavailable since the last one that did not; null where it is not counted. */
  readonly unavailableInRow: number | null;
  /** Of a proxy: how far the clock of its worst sender is off, ahead or behind, in milliseconds; null is not known. */
  readonly clockOffMs: number | null;
  /** When the certificate it shows ends, as checks saw it, epoch milliseconds; null while nobody looks at it. */
  readonly certificateEndsMs: number | null;
  /** Who signed that certificate. */
  readonly certificateIssuer?: string;
  /** When the token expires, epoch milliseconds. */
  readonly tokenExpiresMs?: number;
}
