import type { LokiLabels } from "./labels.ts";

export interface LokiEntry {
  /** Epoch microseconds. */
  readonly timeUs: number;
  readonly line: string;
}

/** One stream of a push: what its labels say, and its lines. */
export interface LokiStream {
  readonly labels: LokiLabels;
  readonly entries: readonly LokiEntry[];
}
