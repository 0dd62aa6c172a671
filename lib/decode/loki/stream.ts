import type { DatedLines } from "./dated-lines.ts";
import type { LokiLabels } from "./labels.ts";

/** One stream of a push: what its labels say, and its lines. */
export interface LokiStream {
  readonly labels: LokiLabels;
  readonly lines: DatedLines;
}
