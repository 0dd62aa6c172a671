import type { Database } from "#lib/db/open.ts";
import { queryProxies } from "#lib/query/proxies.ts";

import { edgeName } from "./edge-line.ts";

const minutesMax = 60;
const minuteMs = 60_000;

/** How many minutes of the past a new demo should fill in: none that an earlier one has told of. */
export async function pastToFill(db: Database, project: number, nowMs: number): Promise<number> {
  const window = { fromMs: nowMs - minutesMax * minuteMs, toMs: nowMs };
  const proxies = await queryProxies(db, { project, window });
  const lastSeen = proxies.find(({ proxy }) => proxy === edgeName)?.lastSeen ?? null;
  if (lastSeen === null) return minutesMax;
  return Math.max(0, Math.floor((nowMs - Date.parse(lastSeen)) / minuteMs));
}
