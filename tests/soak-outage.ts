import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { IngestProcess } from "./processes/ingest-process.ts";
import { numberedLoad, type SentNumbers } from "./processes/numbered-load.ts";
import { PostgresProcess } from "./processes/postgres-process.ts";
import { compareStored } from "./processes/stored-numbers.ts";

/**
 * A long outage on the spool: Postgres is killed under load, stays away, and comes back; then everything that was
 * acknowledged must be stored once.
 *   node tests/soak-outage.ts --minutes 60
 */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    /** Requests of 20 spans or lines in a second. */
    "per-second": { type: "string", default: "40" },
  },
});
const outageMs = Number(values.minutes) * 60_000;
const perSecond = Number(values["per-second"]);
const quietMs = 10_000;

const spool = mkdtempSync(join(tmpdir(), "viascope-outage-"));
const postgres = await PostgresProcess.create();
const ingest = await IngestProcess.on(postgres.url, { VIASCOPE_SPOOL_DIR: spool });
try {
  await ingest.start();
  const load = numberedLoad(ingest.url, {
    timeoutMs: 10_000,
    patience: 0,
    perSecond,
    hangUpEvery: 50,
  });
  await sleep(quietMs);
  await tell("before the outage");
  await postgres.kill();
  for (let tenth = 1; tenth <= 10; tenth += 1) {
    await sleep(outageMs / 10);
    await tell(`away for ${((outageMs * tenth) / 600_000).toFixed(1)} min`);
  }
  await postgres.start();
  const begun = performance.now();
  while ((await spoolBytes()) > 0) await sleep(250);
  say({ replaySeconds: seconds(performance.now() - begun) });
  await tell("replayed");
  await sleep(quietMs);
  const sent = await load.stop();
  while ((await spoolBytes()) > 0) await sleep(250);
  await tell("at the end");
  await compare(sent);
} finally {
  await ingest.stop();
  await postgres.remove();
  rmSync(spool, { recursive: true });
}

async function compare(sent: SentNumbers): Promise<void> {
  const database = await postgres.open();
  const found = await compareStored(database, sent);
  await database.close();
  const { stored, lost, storedTwice, neverSent, rows, counted } = found;
  const acknowledged = sent.acknowledged.size;
  const bad = { lost: lost.length, storedTwice: storedTwice.length, neverSent: neverSent.length };
  say({ acknowledged, stored, ...bad, rows, counted, bodiesResent: sent.resent });
  say({ storedTwice: [...new Set(storedTwice.map((number) => Math.floor(number / 20)))] });
  say({ answers: Object.fromEntries(sent.answers) });
  const isExact = Object.values(bad).every((count) => count === 0);
  const isWhole = [stored, rows, counted].every((count) => count === acknowledged);
  if (!isExact || !isWhole) process.exitCode = 1;
}

async function tell(when: string): Promise<void> {
  const metrics = await ingest.metrics();
  const outcomes = [...metrics].filter(([name]) => name.startsWith("viascope_spool_requests"));
  say({
    when,
    spoolMebibytes: mebibytes(await spoolBytes()),
    memoryMebibytes: mebibytes(ingest.memoryBytes()),
    peakMebibytes: mebibytes(ingest.peakMemoryBytes()),
    resent: metrics.get("viascope_ingest_resent_total"),
    ...Object.fromEntries(outcomes),
  });
}

async function spoolBytes(): Promise<number> {
  return (await ingest.metrics()).get("viascope_spool_bytes") ?? Number.NaN;
}

function say(figures: object): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}
