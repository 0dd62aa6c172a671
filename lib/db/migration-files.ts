import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface MigrationFile {
  readonly name: string;
  readonly sql: string;
}

/** Where Prisma keeps the migrations of this checkout. */
export const migrationsFolder = join(import.meta.dirname, "../../prisma/migrations");

/** The migrations of this checkout, oldest first. */
export async function readMigrations(): Promise<MigrationFile[]> {
  const names = await migrationNames();
  return Promise.all(
    names.map(async (name) => ({
      name,
      sql: await readFile(join(migrationsFolder, name, "migration.sql"), "utf8"),
    })),
  );
}

/** The names of the migrations of this checkout, oldest first. */
export async function migrationNames(): Promise<string[]> {
  const entries = await readdir(migrationsFolder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}
