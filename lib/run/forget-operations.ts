import type { Database } from "#lib/db/open.ts";
import { forgetProcesses } from "#lib/store/processes.ts";
import { forgetSenders } from "#lib/store/senders.ts";
import { forgetEndedTokens } from "#lib/store/tokens.ts";

const dayMs = 86_400_000;
/** Until then a sender with a token that ended is told so. */
const endedTokensKeptMs = 30 * dayMs;
/** A process that was killed is shown as silent until then. */
const processesKeptMs = dayMs;
const sendersMax = 5_000;

/** Forgets senders, processes and tokens that are long gone. */
export async function forgetOperations(
  db: Database,
  nowMs: number,
  keepDays: number,
): Promise<void> {
  await forgetSenders(db, nowMs - keepDays * dayMs, sendersMax);
  await forgetProcesses(db, nowMs - processesKeptMs);
  await forgetEndedTokens(db, nowMs - endedTokensKeptMs);
}
