import type { Measured } from "#lib/core/measured.ts";
import { SumsTotal } from "#lib/core/merge.ts";
import { relationKinds, type RelationKind } from "#lib/core/relations.ts";
import { counters, zeroCounts, type Sums } from "#lib/core/sums.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";

/** The sums of a window of fixed length that moves forward: rows come in at its end and go out at its start. */
export class SlidingSums {
  readonly #rows: readonly RollupRow[];
  readonly #lengthMs: number;
  readonly #total = new SumsTotal();
  readonly #relations: Record<RelationKind, number> = { retry: 0, failover: 0, fallback: 0 };
  readonly #tls = new Map<string, number>();
  #first = 0;
  #next = 0;

  constructor(rows: readonly RollupRow[], seconds: number) {
    this.#rows = rows;
    this.#lengthMs = seconds * 1000;
  }

  get isEmpty(): boolean {
    return this.#first === this.#next;
  }

  /** Start of the newest record up to the window's end; null before the first. */
  get lastMs(): number | null {
    return this.#total.lastMs === 0 ? null : this.#total.lastMs;
  }

  moveTo(endMs: number): void {
    for (; (this.#rows[this.#next]?.bucketMs ?? Infinity) < endMs; this.#next += 1) {
      this.#count(this.#rows[this.#next], 1);
    }
    const fromMs = endMs - this.#lengthMs;
    for (; (this.#rows[this.#first]?.bucketMs ?? Infinity) < fromMs; this.#first += 1) {
      this.#count(this.#rows[this.#first], -1);
    }
  }

  toMeasured(): Measured {
    return {
      sums: this.#total.toSums(),
      relations: this.#relations,
      tls: this.#tls,
      endpoints: new Map(),
      modules: new Map(),
    };
  }

  /** Attempts from the newest stretch on in which nothing but failures is. */
  unavailableInRow(): number | null {
    let inRow = 0;
    let seen = false;
    for (let at = this.#next - 1; at >= this.#first; at -= 1) {
      const row = this.#rows[at];
      if (row?.subject !== "attempt") continue;
      seen = true;
      const answered = [0, 503, 504].reduce((sum, code) => sum + (row.statuses.get(code) ?? 0), 0);
      const { requests, transportFailures } = row.counts;
      if (Math.max(answered, Math.min(requests, transportFailures)) < requests) break;
      inRow += requests;
    }
    return seen ? inRow : null;
  }

  #count(row: RollupRow | undefined, sign: 1 | -1): void {
    if (row === undefined) return;
    const { subject, detail, counts } = row;
    if (subject === "tls") {
      this.#tls.set(detail, (this.#tls.get(detail) ?? 0) + sign * counts.requests);
    } else if (subject === "relation") {
      const kind = relationKinds.find((name) => detail.startsWith(`${name}:`));
      if (kind !== undefined) this.#relations[kind] += sign * counts.requests;
    } else this.#total.add(sign === 1 ? row : negated(row));
  }
}

/** Adding it takes the row out again, cell by cell. */
function negated({ counts, statuses, latency }: RollupRow): Sums {
  const negative = zeroCounts();
  for (const counter of counters) negative[counter] = -counts[counter];
  return {
    counts: negative,
    statuses: new Map([...statuses].map(([status, count]) => [status, -count])),
    latency: { index: latency.index, count: latency.count.map((count) => -count) },
    lastMs: 0,
  };
}
