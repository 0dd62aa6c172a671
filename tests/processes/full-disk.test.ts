import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { soak } from "../soak.ts";
import { IngestProcess } from "./ingest-process.ts";
import { numberedLoad } from "./numbered-load.ts";
import { PostgresProcess } from "./postgres-process.ts";
import { mayMount, type SmallDisk, smallDisk } from "./small-disk.ts";
import { expectStoredOnce } from "./stored-numbers.ts";

const mebibyte = 1024 * 1024;

describe.skipIf(!mayMount)("a disk that is full (needs an account that may mount)", () => {
  let disk: SmallDisk;
  let postgres: PostgresProcess;
  let ingest: IngestProcess;

  beforeAll(async () => {
    disk = smallDisk(160 * mebibyte);
    postgres = await PostgresProcess.create(join(disk.folder, "postgres"));
    ingest = await IngestProcess.on(postgres.url);
    await ingest.start();
  });
  afterAll(async () => {
    await ingest.stop();
    await postgres.remove();
    disk.remove();
  });

  it(
    "under Postgres has senders told to come back, and loses nothing that was acknowledged",
    async () => {
      const load = numberedLoad(ingest.url, { timeoutMs: 10_000 });
      for (let round = 0; round < soak; round += 1) {
        await sleep(500);
        disk.fill(mebibyte);
        await untilRefused(load);
        disk.clear();
        // Without room for its log Postgres may have ended itself.
        await postgres.startIfEnded();
        await sleep(1_000);
      }
      const sent = await load.stop();
      const refused = sent.answers.get(503) ?? 0;
      const counted = await ingest.metrics();
      const busy = ["traces", "access-logs"].map(
        (route) =>
          counted.get(`viascope_receive_requests_total{route="${route}",outcome="busy"}`) ?? 0,
      );
      expect(refused).toBeGreaterThan(0);
      expect(busy.reduce((sum, requests) => sum + requests, 0)).toBe(refused);
      const database = await postgres.open();
      try {
        await expectStoredOnce(database, sent);
      } finally {
        await database.close();
      }
    },
    60_000 * soak,
  );
});

async function untilRefused(load: ReturnType<typeof numberedLoad>): Promise<void> {
  const before = load.refused();
  while (load.refused() === before) await sleep(50);
}
