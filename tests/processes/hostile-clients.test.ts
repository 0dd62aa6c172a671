import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, expect, it } from "vitest";

import { testDatabase, type TestDatabase } from "../postgres/harness.ts";
import { soak } from "../soak.ts";
import {
  bombs,
  deaf,
  halfSent,
  idle,
  largeHeaders,
  loris,
  sendCompressed,
} from "./hostile-clients.ts";
import { IngestProcess } from "./ingest-process.ts";
import { numberedLoad } from "./numbered-load.ts";
import { expectStoredOnce } from "./stored-numbers.ts";

const mebibyte = 1024 * 1024;
const bombsOfEach = 8 * soak;
let test: TestDatabase;
let ingest: IngestProcess;

beforeAll(async () => {
  test = await testDatabase();
  ingest = await IngestProcess.on(test.url);
  await ingest.start();
});
afterAll(async () => {
  await ingest.stop();
  await test.drop();
});

it(
  "goes on serving in bounded memory while clients idle, drip, take no answers, reset, and send bombs",
  async () => {
    const { port, url } = ingest;
    const load = numberedLoad(url, { timeoutMs: 10_000, patience: 0 });
    const silent = await idle(port, 1_000);
    const deafEnds = Array.from({ length: 10 }, () => deaf(port));
    const lorises = Promise.all(Array.from({ length: 20 }, () => loris(port)));
    await Promise.all(Array.from({ length: 50 }, () => halfSent(port)));
    const refusals = await Promise.all(Array.from({ length: 20 }, () => largeHeaders(port)));
    const before = load.acknowledged();
    const statuses = await explode(url);
    expect(load.acknowledged()).toBeGreaterThan(before);

    for (const { status, seconds } of await lorises) {
      expect(status).toBe(408);
      expect(seconds).toBeLessThan(60);
    }
    for (const end of deafEnds) end();
    for (const socket of silent) socket.destroy();
    const sent = await load.stop();
    expect([...sent.answers.keys()].filter((status) => ![200, 503].includes(status))).toEqual([]);
    await sleep(200);

    const counted = await ingest.metrics();
    const requests = (route: string, outcome: string) =>
      counted.get(`viascope_receive_requests_total{route="${route}",outcome="${outcome}"}`) ?? 0;
    expect(refusals.filter((status) => status !== 431 && status !== 0)).toEqual([]);
    expect(requests("unread", "headers_too_large")).toBe(refusals.length);
    expect(requests("traces", "aborted")).toBe(50);
    expect(new Set(statuses).has(413)).toBe(true);
    expect(requests("traces", "too_large") + requests("traces", "overload")).toBeGreaterThanOrEqual(
      statuses.length,
    );
    expect(counted.get("viascope_receive_held_bytes")).toBe(0);
    expect(ingest.peakMemoryBytes()).toBeLessThan(600 * mebibyte);
    await expectStoredOnce(test.database, sent);
  },
  180_000 * soak,
);

/** All bombs at once; each inflates to twice of what a body may have. */
async function explode(url: string): Promise<number[]> {
  const bodies = bombs(128 * mebibyte);
  const sent = Array.from({ length: bombsOfEach }, () =>
    bodies.map(([encoding, body]) => sendCompressed(url, encoding, body)),
  );
  const statuses = await Promise.all(sent.flat());
  expect(statuses.filter((status) => status !== 413 && status !== 503)).toEqual([]);
  return statuses;
}
