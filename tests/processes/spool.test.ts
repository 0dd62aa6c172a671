import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, beforeEach, expect, it } from "vitest";

import { soak } from "../soak.ts";
import { IngestProcess } from "./ingest-process.ts";
import { numberedLoad, type SentNumbers } from "./numbered-load.ts";
import { PostgresProcess } from "./postgres-process.ts";
import { mayMount, smallDisk } from "./small-disk.ts";
import { expectStoredOnce } from "./stored-numbers.ts";

const mebibyte = 1024 * 1024;
let postgres: PostgresProcess;
let folder: string;
const ends: (() => Promise<void> | void)[] = [];

beforeEach(async () => {
  postgres = await PostgresProcess.create();
  folder = mkdtempSync(join(tmpdir(), "viascope-spool-"));
  ends.push(
    () => postgres.remove(),
    () => rmSync(folder, { recursive: true }),
  );
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

it(
  "answers and keeps everything while Postgres is away or stalls, and stores it once when it is back",
  async () => {
    const ingest = await start({ VIASCOPE_SPOOL_DIR: folder });
    const load = numberedLoad(ingest.url, { timeoutMs: 10_000, patience: 0 });
    for (let round = 0; round < soak; round += 1) {
      await sleep(500);
      await postgres.kill();
      const before = load.acknowledged();
      await sleep(1_500);
      expect(load.acknowledged()).toBeGreaterThan(before);
      await postgres.start();
      await untilReplayed(ingest);
      const goOn = await postgres.stall();
      await sleep(6_000);
      goOn();
      await untilReplayed(ingest);
    }
    const sent = await load.stop();
    expect([...sent.answers.keys()]).toEqual([200]);
    await untilReplayed(ingest);
    const counted = await ingest.metrics();
    const outcome = (name: string) =>
      counted.get(`viascope_spool_requests_total{outcome="${name}"}`) ?? 0;
    expect(outcome("replayed") + outcome("stored_before")).toBe(outcome("spooled"));
    await expectStored(sent);
  },
  180_000 * soak,
);

it(
  "loses and doubles nothing when ingest is killed with a full spool, without Postgres, and while it replays",
  async () => {
    const ingest = await start({
      VIASCOPE_SPOOL_DIR: folder,
      VIASCOPE_SPOOL_BYTES_MAX: String(2 * mebibyte),
    });
    const load = numberedLoad(ingest.url, { timeoutMs: 10_000 });
    for (let round = 0; round < soak; round += 1) {
      await sleep(300);
      await postgres.kill();
      await untilRefused(load);
      const counted = await ingest.metrics();
      expect(counted.get("viascope_spool_bytes")).toBeGreaterThan(1.5 * mebibyte);
      expect(counted.get("viascope_spool_bytes")).toBeLessThanOrEqual(2 * mebibyte);
      await ingest.kill();
      // It serves without Postgres, too.
      await ingest.start();
      await postgres.start();
      for (let kill = 0; kill < 2; kill += 1) {
        await sleep(150);
        await ingest.kill();
        await ingest.start();
      }
      await untilReplayed(ingest);
    }
    const sent = await load.stop();
    await untilReplayed(ingest);
    await expectStored(sent);
  },
  180_000 * soak,
);

it("stores once what processes left that are not started any more", async () => {
  const shared = { VIASCOPE_SPOOL_DIR: folder, VIASCOPE_INGEST_PROCESSES: "2" };
  const first = await start(shared);
  const second = first.beside();
  ends.push(() => second.stop());
  await second.start();
  // So many that both processes are sure to get some of the connections.
  const load = numberedLoad(first.url, { timeoutMs: 10_000, senders: 24 });
  await sleep(500);
  await postgres.kill();
  await expect.poll(() => waiting().length, { timeout: 30_000 }).toBe(2);
  await sleep(1_000);
  await Promise.all([first.kill(), second.kill()]);
  await first.start();
  await postgres.start();
  await expect.poll(waiting, { timeout: 60_000, interval: 100 }).toEqual([]);
  const sent = await load.stop();
  await untilReplayed(first);
  expect(waiting()).toEqual([]);
  await expectStored(sent);
}, 180_000);

it.skipIf(!mayMount)(
  "refuses what the spool's disk has no room for, and stores what it took (needs an account that may mount)",
  async () => {
    const disk = smallDisk(4 * mebibyte);
    ends.push(() => disk.remove());
    const ingest = await start({ VIASCOPE_SPOOL_DIR: join(disk.folder, "spool") });
    const load = numberedLoad(ingest.url, { timeoutMs: 10_000 });
    await sleep(300);
    disk.fill(mebibyte);
    await postgres.kill();
    await untilRefused(load);
    await sleep(300);
    await postgres.start();
    await untilReplayed(ingest);
    const sent = await load.stop();
    await untilReplayed(ingest);
    const counted = await ingest.metrics();
    expect(counted.get('viascope_spool_requests_total{outcome="disk_failed"}')).toBe(
      sent.answers.get(503),
    );
    await expectStored(sent);
  },
);

async function start(environment: Readonly<Record<string, string>>): Promise<IngestProcess> {
  const ingest = await IngestProcess.on(postgres.url, environment);
  ends.push(() => ingest.stop());
  await ingest.start();
  return ingest;
}

/** The folders in which requests wait. */
function waiting(): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return [...new Set(files.filter((name) => name.endsWith(".spool")).map(dirname))];
}

async function untilReplayed(ingest: IngestProcess): Promise<void> {
  const bytes = async () => (await ingest.metrics()).get("viascope_spool_bytes");
  await expect.poll(bytes, { timeout: 30_000, interval: 100 }).toBe(0);
}

async function untilRefused(load: ReturnType<typeof numberedLoad>): Promise<void> {
  const before = load.refused();
  await expect.poll(() => load.refused(), { timeout: 30_000 }).toBeGreaterThan(before);
}

async function expectStored(sent: SentNumbers): Promise<void> {
  const database = await postgres.open();
  try {
    await expectStoredOnce(database, sent);
  } finally {
    await database.close();
  }
}
