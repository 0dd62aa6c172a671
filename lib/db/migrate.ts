import { Client } from "pg";

import { StartProblem } from "#lib/config/start-problem.ts";

import { applyWithEngine } from "./migrate/engine.ts";
import { readMigrations, type MigrationFile } from "./migration-files.ts";
import { appliedMigrations, unknownOf } from "./migration-state.ts";
import { startProblemOf } from "./open.ts";

/** Any number, the same in every Viascope: whoever holds it is the one that migrates. */
const advisoryLock = 8_427_226_723;

/** Brings the database to the migrations of this checkout and names those it applied; safe to call from several processes at once. */
export async function migrate(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect().catch((error: unknown) => {
    throw startProblemOf(error, url);
  });
  try {
    await client.query("SELECT pg_advisory_lock($1)", [advisoryLock]);
    return await applyMissing(client, url);
  } finally {
    await client.end();
  }
}

async function applyMissing(client: Client, url: string): Promise<string[]> {
  const [migrations, applied] = await Promise.all([readMigrations(), appliedMigrations(client)]);
  refuseNewer(applied, migrations);
  const missing = migrations.filter((migration) => !applied.includes(migration.name));
  if (missing.length === 0) return [];
  return applyWithEngine(url, migrations);
}

function refuseNewer(applied: string[], migrations: MigrationFile[]): void {
  const [unknown] = unknownOf(
    applied,
    migrations.map((migration) => migration.name),
  );
  if (unknown === undefined) return;
  throw new StartProblem(
    `The database was written by a newer Viascope (it has the migration ${unknown}): run that version, or point DATABASE_URL at another database.`,
  );
}
