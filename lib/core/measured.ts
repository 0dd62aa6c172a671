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

/** Who is measured: a proxy, one upstream of it, or a certificate, which belongs to no proxy. */
export interface Measurand {
  readonly proxy: string;
  readonly upstream: string | null;
  /** The target it was read from. */
  readonly certificate?: string;
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
}
