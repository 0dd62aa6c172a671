import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import type { MigrationList } from "@prisma/schema-engine-wasm";
import * as engineCode from "@prisma/schema-engine-wasm/schema_engine_bg";
import { Pool } from "pg";

import { StartProblem } from "#lib/config/start-problem.ts";

import { migrationsFolder, type MigrationFile } from "../migration-files.ts";

/** Applies what is missing with Prisma's own engine, in this process; each migration is one transaction. */
export async function applyWithEngine(
  url: string,
  migrations: readonly MigrationFile[],
): Promise<string[]> {
  const pool = new Pool({ connectionString: url, max: 2 });
  const engine = await openEngine(pool);
  try {
    await forgetInterrupted(pool, engine);
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: await migrationList(migrations),
      filters: { externalTables: [], externalEnums: [] },
    });
    return appliedMigrationNames;
  } catch (error) {
    throw new StartProblem(
      `A migration could not be applied (${messageOf(error)}): nothing of it was kept; mend the cause and start again.`,
      { cause: error },
    );
  } finally {
    engine.free();
    await pool.end();
  }
}

async function openEngine(pool: Pool): Promise<engineCode.SchemaEngine> {
  await loadWasm();
  const adapters = bindMigrationAwareSqlAdapterFactory(wholeScripts(pool));
  return engineCode.SchemaEngine.new({ datamodels: undefined }, () => undefined, adapters);
}

let loaded = false;

/** The package's own loader imports the .wasm file as a module, which Node answers with a warning on every start. */
async function loadWasm(): Promise<void> {
  if (loaded) return;
  const code = createRequire(import.meta.url).resolve(
    "@prisma/schema-engine-wasm/schema_engine_bg",
  );
  const bytes = await readFile(join(dirname(code), "schema_engine_bg.wasm"));
  const { instance } = await WebAssembly.instantiate(bytes, {
    "./schema_engine_bg.js": imports(),
  });
  engineCode.__wbg_set_wasm(instance.exports);
  const start = instance.exports["__wbindgen_start"];
  if (typeof start === "function") start();
  loaded = true;
}

/** What the engine calls from outside. It never clears the timer of its lock, which would hold every process for ten seconds. */
function imports(): WebAssembly.ModuleImports {
  const own = Object.entries(engineCode);
  const timers = own.filter(([name]) => name.startsWith("__wbg_setTimeout_"));
  return Object.fromEntries([...own, ...timers.map(([name]) => [name, idleTimeout])]);
}

function idleTimeout(callback: () => void, delayMs: number): NodeJS.Timeout {
  return setTimeout(callback, delayMs).unref();
}

/** Prisma's adapter cuts a script at every semicolon, also inside comments and functions; Postgres takes the whole, as one transaction. */
function wholeScripts(pool: Pool): PrismaPg {
  const factory = new PrismaPg(pool);
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    adapter.executeScript = async (script) => {
      await pool.query(script);
    };
    return adapter;
  };
  return factory;
}

/** A migration that a killed process left unfinished was rolled back with its transaction, so it may be tried again. */
async function forgetInterrupted(pool: Pool, engine: engineCode.SchemaEngine): Promise<void> {
  const { rows: tables } = await pool.query("SELECT to_regclass('_prisma_migrations') AS name");
  if (tables[0]?.name === null) return;
  const { rows } = await pool.query<{ name: string }>(
    "SELECT DISTINCT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL",
  );
  for (const { name } of rows) {
    await engine.markMigrationRolledBack({ migrationName: name });
  }
}

async function migrationList(migrations: readonly MigrationFile[]): Promise<MigrationList> {
  const lockfile = "migration_lock.toml";
  return {
    baseDir: migrationsFolder,
    lockfile: { path: lockfile, content: await readFile(join(migrationsFolder, lockfile), "utf8") },
    shadowDbInitScript: "",
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: "migration.sql", content: { tag: "ok", value: sql } },
    })),
  };
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().replaceAll(/\s+/g, " ");
}
