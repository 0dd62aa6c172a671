import type { Settings } from "#lib/config/settings.ts";
import { clusterFolder, urlOfRunning } from "#lib/db/embedded.ts";
import { migrate } from "#lib/db/migrate.ts";

import { keepDatabase } from "./supervise/keep-database.ts";

/** Brings the database of these settings up to date and names what was applied; an embedded one is started for that time unless it runs. */
export async function migrateDatabase(settings: Settings): Promise<string[]> {
  const running = settings.databaseUrl ?? (await urlOfRunning(clusterFolder(settings.dataDir)));
  if (running !== null) return migrate(running);
  const database = await keepDatabase(settings);
  try {
    return await migrate(database.url);
  } finally {
    await database.stop();
  }
}
