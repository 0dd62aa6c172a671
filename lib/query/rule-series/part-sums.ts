import type { Source } from "#lib/core/exchange.ts";
import type { Measured } from "#lib/core/measured.ts";
import { SumsTotal } from "#lib/core/merge.ts";
import { relationKinds, type RelationKind } from "#lib/core/relations.ts";
import type { Counts, Sums } from "#lib/core/sums.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";

/** Attempts of one bucket, and how many of them found nobody to answer. */
interface Attempts {
  readonly all: number;
  readonly unavailable: number;
}

/** The rows of one source and group over one window, added up. Upstream 0 is the proxy itself. */
export class PartSums {
  readonly source: Source;
  readonly proxyId: number;
  readonly upstreamId: number;
  lastMs = 0;
  readonly #total = new SumsTotal();
  readonly #relations: Record<RelationKind, number> = { retry: 0, failover: 0, fallback: 0 };
  readonly #tls = new Map<string, number>();
  readonly #endpoints = new Map<string, SumsTotal>();
  readonly #modules = new Map<number, Map<string, SumsTotal>>();
  readonly #attempts = new Map<number, Attempts>();

  constructor(source: Source, proxyId: number, upstreamId: number) {
    this.source = source;
    this.proxyId = proxyId;
    this.upstreamId = upstreamId;
  }

  get counts(): Counts {
    return this.#total.counts;
  }

  add(row: RollupRow): void {
    const { subject, detail, counts } = row;
    if (subject === "tls") this.#tls.set(detail, (this.#tls.get(detail) ?? 0) + counts.requests);
    else if (subject === "relation") this.#addRelation(detail, counts.requests);
    else if (subject === "module") this.#addModule(row);
    else this.#addRecords(row);
  }

  toMeasured(): Measured {
    return {
      sums: this.#total.toSums(),
      relations: this.#relations,
      tls: this.#tls,
      endpoints: sumsOf(this.#endpoints),
      modules: new Map([...this.#modules].map(([id, totals]) => [id, sumsOf(totals)])),
    };
  }

  /** Attempts from the newest bucket on in which nothing but failures is; in a mixed one nobody knows the order, so it ends the row. */
  unavailableInRow(): number | null {
    if (this.#attempts.size === 0) return null;
    let inRow = 0;
    for (const [, { all, unavailable }] of [...this.#attempts].toSorted(([a], [b]) => b - a)) {
      if (unavailable < all) break;
      inRow += all;
    }
    return inRow;
  }

  /** The newest bucket where it holds failures and others: the order of its attempts decides. Null where it does not. */
  newestMixed(): { readonly bucketMs: number; readonly all: number } | null {
    const bucketMs = Math.max(...this.#attempts.keys());
    const newest = this.#attempts.get(bucketMs);
    if (newest === undefined || newest.unavailable === 0) return null;
    return newest.unavailable < newest.all ? { bucketMs, all: newest.all } : null;
  }

  #addRecords(row: RollupRow): void {
    this.#total.add(row);
    this.lastMs = Math.max(this.lastMs, row.lastMs);
    if (row.subject === "attempt") this.#addAttempts(row);
    else addTo(this.#endpoints, row);
  }

  #addModule(row: RollupRow): void {
    const totals = this.#modules.get(row.peerId) ?? new Map<string, SumsTotal>();
    this.#modules.set(row.peerId, totals);
    addTo(totals, row);
  }

  #addAttempts({ bucketMs, counts, statuses }: RollupRow): void {
    const before = this.#attempts.get(bucketMs) ?? { all: 0, unavailable: 0 };
    const { requests, transportFailures } = counts;
    const answered = [0, 503, 504].reduce((sum, code) => sum + (statuses.get(code) ?? 0), 0);
    this.#attempts.set(bucketMs, {
      all: before.all + requests,
      // A proxy may write a status of its own for a failure: it is then in both numbers.
      unavailable: before.unavailable + Math.max(answered, Math.min(requests, transportFailures)),
    });
  }

  #addRelation(detail: string, count: number): void {
    const kind = relationKinds.find((name) => detail.startsWith(`${name}:`));
    if (kind !== undefined) this.#relations[kind] += count;
  }
}

function addTo(totals: Map<string, SumsTotal>, row: RollupRow): void {
  const total = totals.get(row.detail) ?? new SumsTotal();
  totals.set(row.detail, total);
  total.add(row);
}

function sumsOf(totals: ReadonlyMap<string, SumsTotal>): Map<string, Sums> {
  return new Map([...totals].map(([name, total]) => [name, total.toSums()]));
}
