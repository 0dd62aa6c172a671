import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { TestProject } from "vitest/node";

import { startEmbeddedPostgres } from "#lib/db/embedded.ts";
import { migrate } from "#lib/db/migrate.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The migrated database that every test database is a copy of; nobody writes to it. */
    templateUrl: string;
  }
}

/** One Postgres for a whole run of the database tests; it and its files are gone afterwards, also when the run is killed. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startEmbeddedPostgres({
    folder: join(tmpdir(), `viascope-test-${randomUUID().slice(0, 13)}`),
    throwAway: true,
    // Only here: what a test wrote need not survive a power cut.
    settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off" },
  });
  try {
    await migrate(server.url);
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide("templateUrl", server.url);
  return () => server.stop();
}
