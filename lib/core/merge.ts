import { emptySketch, SketchSum, type Sketch } from "./sketch.ts";
import { counters, zeroCounts, type Counts, type Sums } from "./sums.ts";

/** Adds sums up; the order does not matter, and nothing is lost: every part is an integer. */
export class SumsTotal {
  readonly counts: Counts = zeroCounts();
  readonly statuses = new Map<number, number>();
  lastMs = 0;
  /** The only sketch so far, or all of them added up: most points of a chart have just one. */
  #latency: Sketch | SketchSum = emptySketch;

  add(sums: Sums): void {
    for (const counter of counters) this.counts[counter] += sums.counts[counter];
    for (const [status, count] of sums.statuses) {
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + count);
    }
    this.#addLatency(sums.latency);
    this.lastMs = Math.max(this.lastMs, sums.lastMs);
  }

  toSums(): Sums {
    return {
      counts: this.counts,
      statuses: this.statuses,
      latency: this.#latency instanceof SketchSum ? this.#latency.toSketch() : this.#latency,
      lastMs: this.lastMs,
    };
  }

  #addLatency(latency: Sketch): void {
    if (latency.index.length === 0) return;
    if (this.#latency === emptySketch) {
      this.#latency = latency;
      return;
    }
    if (!(this.#latency instanceof SketchSum)) {
      const sum = new SketchSum();
      sum.merge(this.#latency);
      this.#latency = sum;
    }
    this.#latency.merge(latency);
  }
}
