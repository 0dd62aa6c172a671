import type { KeepMs } from "#lib/core/keep.ts";
import type { Database } from "#lib/db/open.ts";
import { noteBudgetState } from "#lib/store/slos.ts";

import { readSlos } from "./read-slos.ts";

/** Notes how every objective stands, so that its state leaves only by its hysteresis; no data changes nothing. */
export async function noteBudgetStates(
  db: Database,
  asked: { readonly project: number; readonly nowMs: number; readonly keep: KeepMs },
): Promise<void> {
  for (const { key, origin, status } of await readSlos(db, asked)) {
    if (origin === "ready-made" || status === null || status.state === "no_data") continue;
    await noteBudgetState(db, asked.project, key, status.state);
  }
}
