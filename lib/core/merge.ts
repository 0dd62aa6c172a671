import { SketchSum } from "./sketch.ts";
import { counters, zeroCounts, type Counts, type Sums } from "./sums.ts";

/** Adds sums up; the order does not matter, and nothing is lost: every part is an integer. */
export class SumsTotal {
  readonly counts: Counts = zeroCounts();
  readonly statuses = new Map<number, number>();
  lastMs = 0;
  readonly #latency = new SketchSum();

  add(sums: Sums): void {
    for (const counter of counters) this.counts[counter] += sums.counts[counter];
    for (const [status, count] of sums.statuses) {
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + count);
    }
    this.#latency.merge(sums.latency);
    this.lastMs = Math.max(this.lastMs, sums.lastMs);
  }

  toSums(): Sums {
    return {
      counts: this.counts,
      statuses: this.statuses,
      latency: this.#latency.toSketch(),
      lastMs: this.lastMs,
    };
  }
}
