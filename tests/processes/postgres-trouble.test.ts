import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, expect, it } from "vitest";

import { soak } from "../soak.ts";
import { IngestProcess } from "./ingest-process.ts";
import { numberedLoad, type SentNumbers } from "./numbered-load.ts";
import { PostgresProcess } from "./postgres-process.ts";
import { emptyTelemetry, expectStoredOnce } from "./stored-numbers.ts";

/** As OpenTelemetry's exporters do. */
const exporterTimeoutMs = 10_000;
let postgres: PostgresProcess;
let ingest: IngestProcess;

beforeAll(async () => {
  postgres = await PostgresProcess.create();
  ingest = await IngestProcess.on(postgres.url);
  await ingest.start();
});
afterAll(async () => {
  await ingest.stop();
  await postgres.remove();
});

it("answers every request of an exporter that waits 10 s while Postgres stalls for 5 s", async () => {
  const load = numberedLoad(ingest.url, { timeoutMs: exporterTimeoutMs, patience: 0 });
  await sleep(400);
  const before = load.acknowledged();
  const goOn = await postgres.stall();
  await sleep(5_000);
  goOn();
  await sleep(500);
  const sent = await load.stop();
  expect(sent.acknowledged.size).toBeGreaterThan(before);
  expect([...sent.answers.keys()]).toEqual([200]);
  await expectStored(sent);
});

it(
  "has every acknowledged record once, however often Postgres is killed and started again",
  async () => {
    const load = numberedLoad(ingest.url, { timeoutMs: exporterTimeoutMs });
    for (let kill = 0; kill < 4 * soak; kill += 1) {
      await sleep(300 + 70 * (kill % 4));
      await postgres.kill();
      // Longer than a group is tried again, so that senders are told to come back.
      if (kill % 4 === 2) await sleep(5_500);
      await postgres.start();
    }
    await sleep(1_000);
    const sent = await load.stop();
    expect(sent.acknowledged.size).toBeGreaterThan(500);
    const refused = sent.answers.get(503) ?? 0;
    expect(refused).toBeGreaterThan(0);
    const counted = await ingest.metrics();
    const busy = ["traces", "access-logs"].map(
      (route) =>
        counted.get(`viascope_receive_requests_total{route="${route}",outcome="busy"}`) ?? 0,
    );
    const counts = busy.reduce((sum, requests) => sum + requests, 0);
    // A sender that lost patience did not hear that it was refused.
    const unheard = sent.answers.get(0) ?? 0;
    expect(counts).toBeGreaterThanOrEqual(refused);
    expect(counts).toBeLessThanOrEqual(refused + unheard);
    await expectStored(sent);
  },
  180_000 * soak,
);

/** Holds what was sent against the database, which is empty afterwards. */
async function expectStored(sent: SentNumbers): Promise<void> {
  const database = await postgres.open();
  try {
    await expectStoredOnce(database, sent);
    await emptyTelemetry(database);
  } finally {
    await database.close();
  }
}
