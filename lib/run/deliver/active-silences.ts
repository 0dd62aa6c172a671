import type { ClientBase } from "pg";
import { z } from "zod";

import { matcher } from "#lib/contract/silences.ts";
import type { Database } from "#lib/db/open.ts";
import type { Silence } from "#lib/notify/mute.ts";
import { silencesAt } from "#lib/store/active-silences.ts";

const matchers = z.array(matcher);

/** The silences that hold now. */
export async function activeSilences(
  on: Database["pool"] | ClientBase,
  project: number,
  nowMs: number,
): Promise<Silence[]> {
  return (await silencesAt(on, project, nowMs)).map((row) => ({
    id: row.id,
    matchers: matchers.parse(row.matchers),
    startsAtMs: row.startsAt.getTime(),
    endsAtMs: row.endsAt.getTime(),
  }));
}
