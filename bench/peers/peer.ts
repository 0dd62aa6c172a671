import type { Figures } from "../run/figures.ts";

export interface PeerRun {
  /** Where peers were fetched to. */
  readonly folder: string;
  readonly seconds: number;
  readonly seed: number;
}

/** Another program that keeps what Viascope keeps. */
export interface Peer {
  readonly name: string;
  readonly kind: "spans" | "lines";
  /** What it is, where it is from, and where the comparison is uneven. */
  readonly note: string;
  /** Why it cannot be run here; null when it can. */
  missing(folder: string): string | null;
  measure(run: PeerRun): Promise<Figures>;
}
