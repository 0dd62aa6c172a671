import type { ClientBase } from "pg";

import { packHistogram } from "#lib/core/metric-histogram.ts";
import type { StoredPoint } from "#lib/core/metric.ts";
import { CopyRows, copyInto } from "#lib/db/copy.ts";

const columns = ["at", "started_at", "value", "series_id", "project_id", "histogram"];

/** Points of series, ready to be appended in one transaction. */
export class MetricRows {
  readonly #rows = new CopyRows();

  add(project: number, { seriesId, atUs, startUs, value, histogram }: StoredPoint): void {
    const rows = this.#rows;
    rows.row(6);
    rows.timestamp(atUs);
    if (startUs === null) rows.null();
    else rows.timestamp(startUs);
    rows.double(value);
    rows.int4(seriesId);
    rows.int2(project);
    if (histogram === null) rows.null();
    else rows.bytes(packHistogram(histogram));
  }

  /** Writes all of it; the caller's transaction makes it visible at once. */
  append(client: ClientBase): Promise<void> {
    return copyInto(client, "metric_point", columns, this.#rows);
  }
}
