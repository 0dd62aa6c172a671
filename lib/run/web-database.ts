import { readSettings } from "#lib/config/settings.ts";
import type { KeepMs } from "#lib/core/keep.ts";
import { openDatabase, type Database } from "#lib/db/open.ts";

import { keepOf } from "./keep-of.ts";

let opened: Promise<Database> | null = null;

/** The database that pages and API read; one pool for the whole process. A failed start is tried again. */
export function webDatabase(): Promise<Database> {
  opened ??= openDatabase({
    url: readSettings().databaseUrl ?? "",
    poolSize: 8,
    applicationName: "viascope-web",
  }).catch((error: unknown) => {
    opened = null;
    throw error;
  });
  return opened;
}

/** How many days exchanges and what they were read from are kept here at most. */
export function webTelemetryDays(): number {
  const { traces, accessLogs } = readSettings().retention;
  return Math.max(traces, accessLogs);
}

/** How long buckets are kept here; questions about older times use coarser ones. */
export function webKeep(): KeepMs {
  return keepOf(readSettings().retention);
}
