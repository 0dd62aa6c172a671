import type { Database } from "#lib/db/open.ts";
import { partitionedTables, type PartitionedTable } from "#lib/db/partitions.ts";

/** What one partition takes, indexes included. */
export interface PartitionSize {
  readonly table: PartitionedTable;
  /** The time it begins with, as digits: 20260131, 202601 or 2026. */
  readonly stamp: string;
  readonly bytes: number;
  /** Whether it has no row: its indexes take some room all the same. */
  readonly empty: boolean;
}

/** The room that the database takes, partition by partition. Reads the catalog and the sizes of files only. */
export async function queryPartitionSizes(
  db: Database,
): Promise<{ readonly databaseBytes: number; readonly partitions: PartitionSize[] }> {
  const [whole, parts] = await Promise.all([
    db.pool.query<{ bytes: string }>("SELECT pg_database_size(current_database()) AS bytes"),
    db.pool.query<{ table: PartitionedTable; name: string; bytes: string; empty: boolean }>(
      `SELECT parent.relname AS table, child.relname AS name, pg_total_relation_size(child.oid) AS bytes,
              pg_relation_size(child.oid) = 0 AS empty
         FROM pg_inherits JOIN pg_class parent ON parent.oid = inhparent JOIN pg_class child ON child.oid = inhrelid
        WHERE parent.relname = ANY($1) AND child.relkind = 'r' AND parent.relnamespace = current_schema()::regnamespace`,
      [Object.keys(partitionedTables)],
    ),
  ]);
  return {
    databaseBytes: Number(whole.rows[0]?.bytes ?? 0),
    partitions: parts.rows.map(({ table, name, bytes, empty }) => ({
      table,
      stamp: /_p(?<stamp>\d+)$/.exec(name)?.groups?.["stamp"] ?? "",
      bytes: Number(bytes),
      empty,
    })),
  };
}

/** The folder in which Postgres keeps its data; null where it does not tell. */
export async function queryDataDirectory(db: Database): Promise<string | null> {
  const answer = await db.pool
    .query<{ folder: string }>("SELECT current_setting('data_directory', true) AS folder")
    .catch(() => null);
  return answer?.rows[0]?.folder ?? null;
}
