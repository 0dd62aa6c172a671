import { randomUUID } from "node:crypto";

import { Client } from "pg";
import { inject } from "vitest";

import { openDatabase, type Database } from "#lib/db/open.ts";

export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  drop(): Promise<void>;
}

/** A fresh, migrated database of its own for one suite. Call `drop` in `afterAll`. */
export function testDatabase(): Promise<TestDatabase> {
  return create("TEMPLATE viascope");
}

/** A database without a single table, for what is tested before the migrations. */
export function emptyDatabase(): Promise<TestDatabase> {
  return create("");
}

async function create(origin: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await administer(`CREATE DATABASE ${name} ${origin}`);
  const url = urlOf(name);
  const database = await openDatabase({ url, poolSize: 8, applicationName: "viascope-test" });
  return {
    url,
    database,
    async drop() {
      await database.close();
      await administer(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: urlOf("postgres") });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function urlOf(database: string): string {
  const url = new URL(inject("templateUrl"));
  url.pathname = `/${database}`;
  return url.href;
}
