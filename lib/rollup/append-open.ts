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
  addRollup(to, "rollup_open", step, sums);
}

/** Appends sums of buckets of the given width to one of the rollup tables. */
export async function appendRollup(
  client: ClientBase,
  table: string,
  step: Step,
  sums: readonly RollupRow[],
): Promise<void> {
  await append(client, (to) => addRollup(to, table, step, sums));
}

function addRollup(to: Appends, table: string, step: Step, sums: readonly RollupRow[]): void {
  const rows = new CopyRows();
  for (const row of sums) {
    rows.row(rollupColumns.length + 1);
    rows.int4(step);
    writeRollupRow(rows, row);
  }
  to.copy(table, ["step", ...rollupColumns], rows);
}
