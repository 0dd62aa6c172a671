import type { Group, Measured } from "#lib/core/measured.ts";
import { SumsTotal } from "#lib/core/merge.ts";
import { relationKinds, type RelationKind } from "#lib/core/relations.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";

/** The shortest window in which failures in a row are looked for, in seconds. */
const rowOfFailuresSeconds = 300;

/** The rows of one group, added up window by window. Upstream 0 is the proxy itself. */
export class GroupSums {
  readonly proxyId: number;
  readonly upstreamId: number;
  readonly #windows = new Map<number, WindowSums>();
  readonly #attempts = new Map<number, Attempts>();
  #lastMs = 0;

  constructor(proxyId: number, upstreamId: number) {
    this.proxyId = proxyId;
    this.upstreamId = upstreamId;
  }

  add(seconds: number, row: RollupRow): void {
    let window = this.#windows.get(seconds);
    if (window === undefined) {
      window = new WindowSums();
      this.#windows.set(seconds, window);
    }
    window.add(row);
    if (row.subject === "exchange" || row.subject === "attempt") this.see(row.lastMs);
    if (seconds === rowOfFailuresSeconds && row.subject === "attempt") this.#addAttempts(row);
  }

  see(lastMs: number): void {
    this.#lastMs = Math.max(this.#lastMs, lastMs);
  }

  toGroup(nameOf: (id: number) => string): Group {
    return {
      proxy: nameOf(this.proxyId),
      upstream: this.upstreamId === 0 ? null : nameOf(this.upstreamId),
      windows: new Map([...this.#windows].map(([seconds, sums]) => [seconds, sums.toMeasured()])),
      lastMs: this.#lastMs === 0 ? null : this.#lastMs,
      unavailableInRow: this.upstreamId === 0 ? null : this.#unavailableInRow(),
      certificateEndsMs: null,
    };
  }

  #addAttempts(row: RollupRow): void {
    const before = this.#attempts.get(row.bucketMs) ?? { all: 0, unavailable: 0 };
    const { requests, transportFailures } = row.counts;
    const answered = [0, 503, 504].reduce((sum, code) => sum + (row.statuses.get(code) ?? 0), 0);
    this.#attempts.set(row.bucketMs, {
      all: before.all + requests,
      // A proxy may write a status of its own for a failure: it is then in both numbers.
      unavailable: before.unavailable + Math.max(answered, Math.min(requests, transportFailures)),
    });
  }

  /** Buckets from the newest on in which nothing but failures is; in a mixed one nobody knows the order, so it ends the row. */
  #unavailableInRow(): number | null {
    if (this.#attempts.size === 0) return null;
    let inRow = 0;
    for (const [, { all, unavailable }] of [...this.#attempts].toSorted(([a], [b]) => b - a)) {
      if (unavailable < all) break;
      inRow += all;
    }
    return inRow;
  }
}

interface Attempts {
  readonly all: number;
  readonly unavailable: number;
}

class WindowSums {
  readonly #total = new SumsTotal();
  readonly #relations: Record<RelationKind, number> = { retry: 0, failover: 0, fallback: 0 };
  readonly #tls = new Map<string, number>();
  readonly #endpoints = new Map<string, SumsTotal>();

  add(row: RollupRow): void {
    const { subject, detail, counts } = row;
    if (subject === "tls") this.#tls.set(detail, (this.#tls.get(detail) ?? 0) + counts.requests);
    else if (subject === "relation") this.#addRelation(detail, counts.requests);
    else {
      this.#total.add(row);
      if (subject === "exchange") this.#addEndpoint(row);
    }
  }

  toMeasured(): Measured {
    return {
      sums: this.#total.toSums(),
      relations: this.#relations,
      tls: this.#tls,
      endpoints: new Map([...this.#endpoints].map(([name, total]) => [name, total.toSums()])),
    };
  }

  #addRelation(detail: string, count: number): void {
    const kind = relationKinds.find((name) => detail.startsWith(`${name}:`));
    if (kind !== undefined) this.#relations[kind] += count;
  }

  #addEndpoint(row: RollupRow): void {
    const total = this.#endpoints.get(row.detail) ?? new SumsTotal();
    this.#endpoints.set(row.detail, total);
    total.add(row);
  }
}
