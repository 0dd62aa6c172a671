import { packHistogram } from "#lib/core/metric-histogram.ts";
import type { StoredPoint } from "#lib/core/metric.ts";
import type { Appends } from "#lib/db/appends.ts";
import { CopyRows } from "#lib/db/copy.ts";

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

  /** All of it, once. */
  addTo(appends: Appends): void {
    appends.copy("metric_point", columns, this.#rows);
  }
}
