import type pg from "pg";

import { migrationNames } from "./migration-files.ts";

export type MigrationState = "current" | "behind" | "ahead";

/** Says whether a database has exactly the migrations of this checkout, lacks some, or has some from a newer Viascope. */
export async function migrationState(database: {
  readonly pool: pg.Pool;
}): Promise<MigrationState> {
  const [known, applied] = await Promise.all([migrationNames(), appliedMigrations(database.pool)]);
  if (unknownOf(applied, known).length > 0) return "ahead";
  return known.every((name) => applied.includes(name)) ? "current" : "behind";
}

/** The migrations that a database finished, none when it is empty. */
export async function appliedMigrations(connection: pg.Pool | pg.ClientBase): Promise<string[]> {
  const table = await connection.query<{ present: boolean }>(
    "SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present",
  );
  if (table.rows[0]?.present !== true) return [];
  const { rows } = await connection.query<{ name: string }>(
    "SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL",
  );
  return rows.map((row) => row.name);
}

/** What a newer Viascope applied. */
export function unknownOf(applied: readonly string[], known: readonly string[]): string[] {
  return applied.filter((name) => !known.includes(name));
}
