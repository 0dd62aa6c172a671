import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { emptyDatabase, type TestDatabase } from "#tests/postgres/harness.ts";

import { migrate } from "./migrate.ts";
import { migrationNames } from "./migration-files.ts";
import { migrationState } from "./migration-state.ts";

describe("migrations", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await emptyDatabase();
  });
  afterAll(() => test.drop());

  it("are applied once when two processes start together", async () => {
    expect(await migrationState(test.database)).toBe("behind");
    const applied = await Promise.all([migrate(test.url), migrate(test.url)]);
    expect(applied.flat()).toEqual(await migrationNames());
    expect(await migrationState(test.database)).toBe("current");
  });

  it("are tried again when a process died in the middle", async () => {
    const interrupted = await emptyDatabase();
    await migrate(interrupted.url);
    await interrupted.database.pool.query(whatAKillLeaves);
    expect(await migrationState(interrupted.database)).toBe("behind");
    expect(await migrate(interrupted.url)).toEqual(await migrationNames());
    expect(await migrationState(interrupted.database)).toBe("current");
    await interrupted.drop();
  });

  it("of a newer Viascope are refused with a sentence that names one", async () => {
    await test.database.pool.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at)
       VALUES ('newer', 'none', '9999_from_the_future', now(), now())`,
    );
    expect(await migrationState(test.database)).toBe("ahead");
    await expect(migrate(test.url)).rejects.toThrow(/newer Viascope.*9999_from_the_future/);
  });
});

/** The note that migrations began, and nothing of their transactions. */
const whatAKillLeaves = `
  CREATE SCHEMA aside;
  ALTER TABLE _prisma_migrations SET SCHEMA aside;
  DROP SCHEMA public CASCADE;
  CREATE SCHEMA public;
  ALTER TABLE aside._prisma_migrations SET SCHEMA public;
  UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = 0;
`;
