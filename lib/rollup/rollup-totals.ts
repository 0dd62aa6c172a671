import { bucketStartMs, type Step } from "#lib/core/bucket.ts";
import { SumsTotal } from "#lib/core/merge.ts";
import type { Sums } from "#lib/core/sums.ts";
import type { Appends } from "#lib/db/appends.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";

import { RollupCopy } from "./append-open.ts";

/** Which bucket of which key sums belong to. */
type SumPlace = Omit<RollupRow, keyof Sums>;

/** Adds rows up per key and bucket of one width. */
export class RollupTotals {
  readonly #step: Step;
  readonly #totals = new Map<string, { place: SumPlace; total: SumsTotal }>();

  constructor(step: Step) {
    this.#step = step;
  }

  add(row: RollupRow): void {
    const { project, source, subject, proxyId, upstreamId, peerId, detail } = row;
    const bucketMs = bucketStartMs(row.bucketMs, this.#step);
    const key = `${bucketMs} ${project} ${source} ${subject} ${proxyId} ${upstreamId} ${peerId} ${detail}`;
    let entry = this.#totals.get(key);
    if (entry === undefined) {
      const place = { bucketMs, project, source, subject, proxyId, upstreamId, peerId, detail };
      entry = { place, total: new SumsTotal() };
      this.#totals.set(key, entry);
    }
    entry.total.add(row);
  }

  /** Appends them to what is still to be merged into buckets of this width. */
  addTo(appends: Appends): void {
    const rows = new RollupCopy(this.#step);
    for (const { place, total } of this.#totals.values()) rows.add({ ...place, ...total.toSums() });
    rows.addTo(appends, "rollup_open");
  }
}
