import type { ClientBase } from "pg";

import type { Step } from "#lib/core/bucket.ts";
import { append, type Appends } from "#lib/db/appends.ts";
import { CopyRows } from "#lib/db/copy.ts";
import { rollupColumns, writeRollupRow, type RollupRow } from "#lib/db/rollup-row.ts";

/** Appends sums that are still to be merged into the buckets of the given width. */
export async function appendOpen(
  client: ClientBase,
  step: Step,
  sums: readonly RollupRow[],
): Promise<void> {
  await append(client, (to) => addOpen(to, step, sums));
}

/** The same, beside what else is appended. */
export function addOpen(to: Appends, step: Step, sums: readonly RollupRow[]): void {
  copyOf(step, sums).addTo(to, "rollup_open");
}

/** Appends sums of buckets of the given width to one of the rollup tables. */
export async function appendRollup(
  client: ClientBase,
  table: string,
  step: Step,
  sums: readonly RollupRow[],
): Promise<void> {
  await append(client, (to) => copyOf(step, sums).addTo(to, table));
}

function copyOf(step: Step, sums: readonly RollupRow[]): RollupCopy {
  const rows = new RollupCopy(step);
  for (const row of sums) rows.add(row);
  return rows;
}

/** Sums of buckets of one width on their way into a table: as bytes, so that none of them is held. */
export class RollupCopy {
  readonly #step: Step;
  readonly #rows = new CopyRows();

  constructor(step: Step) {
    this.#step = step;
  }

  add(row: RollupRow): void {
    this.#rows.row(rollupColumns.length + 1);
    this.#rows.int4(this.#step);
    writeRollupRow(this.#rows, row);
  }

  /** Once. */
  addTo(appends: Appends, table: string): void {
    appends.copy(table, ["step", ...rollupColumns], this.#rows);
  }
}
