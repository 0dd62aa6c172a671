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

/** Who is measured: a proxy, or one upstream of it. */
export interface Measurand {
  readonly proxy: string;
  readonly upstream: string | null;
}

/** One group as rules look at it. */
export interface Group extends Measurand {
  /** By the length of the window in seconds. A window without an entry had no records. */
  readonly windows: ReadonlyMap<number, Measured>;
  /** Start of the newest record, epoch milliseconds; null when nothing is known of it. */
  readonly lastMs: number | null;
  /** Attempts that found the upstream unavailable since the last one that did not; null where it is not counted. */
  readonly unavailableInRow: number | null;
  /** When the certificate it shows ends, as probes saw it, epoch milliseconds; null while nobody probed. */
  readonly certificateEndsMs: number | null;
}
