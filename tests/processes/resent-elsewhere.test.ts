import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";

import { requestOf } from "../postgres/send-spans.ts";
import { soak } from "../soak.ts";
import { IngestProcess } from "./ingest-process.ts";
import { lineOf, numberedLoad, sendAndHangUp, type NumberedRequest } from "./numbered-load.ts";
import { PostgresProcess } from "./postgres-process.ts";
import { emptyTelemetry, expectStoredOnce, storedNumbers } from "./stored-numbers.ts";

let postgres: PostgresProcess;
let first: IngestProcess;
let second: IngestProcess;

beforeAll(async () => {
  postgres = await PostgresProcess.create();
  first = await IngestProcess.on(postgres.url);
  second = await IngestProcess.on(postgres.url);
});
beforeEach(async () => {
  const database = await postgres.open();
  await emptyTelemetry(database);
  await database.close();
  await Promise.all([first.start(), second.start()]);
});
afterEach(() => Promise.all([first.stop(), second.stop()]));
afterAll(() => postgres.remove());

const kinds = [
  { kind: "spans", post: spansPost },
  { kind: "lines", post: linesPost },
] as const;

it.each(kinds)(
  "stores $kind once that are sent to another process while the first still waits for its commit",
  async ({ post }) => {
    // Names, partitions and connections are there before Postgres stands still.
    expect(await send(first, post(1))).toBe(200);
    expect(await send(second, post(2))).toBe(200);
    const goOn = await postgres.stall();
    expect(await send(first, post(3), 1_000)).toBe(0);
    const again = send(second, post(3), 10_000);
    await sleep(500);
    goOn();
    expect(await again).toBe(200);
    await expectNumbers([1, 2, 3]);
  },
);

it.each(kinds)(
  "stores $kind once whose answer was lost, and that are sent to another process",
  async ({ post }) => {
    expect(await send(first, post(1))).toBe(200);
    await loseAnswer(post(2));
    await sleep(1_000);
    expect(await send(second, post(2))).toBe(200);
    await expectNumbers([1, 2]);
    expect(await resentTo(second)).toBe(1);
  },
);

it.each(kinds)(
  "stores $kind once whose process was killed with the answer, and that are sent to another one",
  async ({ post }) => {
    expect(await send(first, post(1))).toBe(200);
    await loseAnswer(post(2));
    await expect.poll(stored, { timeout: 10_000 }).toEqual([1, 2]);
    await first.kill();
    expect(await send(second, post(2), 10_000)).toBe(200);
    await expectNumbers([1, 2]);
  },
);

it.each(kinds)(
  "stores $kind once that another process has stored and answered before their first process gets to them",
  async ({ post }) => {
    expect(await send(first, post(1))).toBe(200);
    const goOn = first.stall();
    expect(await send(first, post(2), 500)).toBe(0);
    expect(await send(second, post(2))).toBe(200);
    // By then the second process has told that its answer arrived.
    await sleep(2_000);
    goOn();
    await expect.poll(() => resentTo(first), { timeout: 10_000 }).toBe(1);
    await expectNumbers([1, 2]);
    // What is sent once more after that is another one, if it can be.
    expect(await send(first, post(2))).toBe(200);
    await expectNumbers(post === linesPost ? [1, 2, 2] : [1, 2]);
  },
);

it("stores equal lines as often as they are sent and answered, whichever process takes them", async () => {
  expect(await send(first, linesPost(1))).toBe(200);
  expect(await send(second, linesPost(1))).toBe(200);
  await sleep(1_500);
  expect(await send(first, linesPost(1))).toBe(200);
  expect(await send(second, linesPost(1))).toBe(200);
  await expectNumbers([1, 1, 1, 1]);
});

it("stores equal lines as often as they are sent at the same time", async () => {
  const sent = Array.from({ length: 12 }, (_, place) =>
    send(place % 2 === 0 ? first : second, linesPost(7), 10_000),
  );
  expect(new Set(await Promise.all(sent))).toEqual(new Set([200]));
  await expectNumbers(sent.map(() => 7));
});

it(
  "has every acknowledged record once while processes and Postgres are killed and senders turn to the other process",
  async () => {
    const load = numberedLoad([first.url, second.url], { timeoutMs: 10_000, hangUpEvery: 10 });
    for (let round = 0; round < soak; round += 1) {
      const victim = round % 2 === 0 ? first : second;
      await sleep(400);
      await victim.kill();
      await sleep(200);
      await victim.start();
      const goOn = await postgres.stall();
      await sleep(300);
      await (round % 2 === 0 ? second : first).kill();
      goOn();
      await (round % 2 === 0 ? second : first).start();
      await sleep(300);
      await postgres.kill();
      await postgres.start();
    }
    await sleep(500);
    const sent = await load.stop();
    expect(sent.resent).toBeGreaterThan(0);
    const database = await postgres.open();
    try {
      await expectStoredOnce(database, sent);
    } finally {
      await database.close();
    }
  },
  180_000 * soak,
);

function spansPost(number: number): NumberedRequest {
  const id = number.toString(16);
  const body = JSON.stringify(
    requestOf([
      {
        traceId: id.padStart(32, "0"),
        spanId: id.padStart(16, "0"),
        kind: 2,
        startMs: begunMs,
        durationMs: 5,
        status: 200,
        path: `/numbered/${number}`,
      },
    ]),
  );
  return { path: "/v1/traces", contentType: "application/json", body };
}

function linesPost(number: number): NumberedRequest {
  const path = "/ingest/access-logs?format=nginx&proxy=numbered-lines";
  return { path, contentType: "text/plain", body: lineOf(number, begunMs) };
}

const begunMs = Date.now();

/** The status, or 0 when no answer came in time. */
function send(ingest: IngestProcess, post: NumberedRequest, timeoutMs = 5_000): Promise<number> {
  const { path, contentType, body } = post;
  const init = { method: "POST", headers: { "content-type": contentType }, body };
  const signal = AbortSignal.timeout(timeoutMs);
  return fetch(ingest.url + path, { ...init, signal }).then(
    ({ status }) => status,
    () => 0,
  );
}

/** The first process stores it, and its sender is gone before it can answer. */
async function loseAnswer(post: NumberedRequest): Promise<void> {
  const goOn = await postgres.stall();
  expect(await sendAndHangUp(first.url, post)).toBe(false);
  goOn();
}

async function resentTo(ingest: IngestProcess): Promise<number | undefined> {
  return (await ingest.metrics()).get("viascope_ingest_resent_total");
}

async function expectNumbers(numbers: readonly number[]): Promise<void> {
  expect(await stored()).toEqual(numbers);
}

async function stored(): Promise<number[]> {
  const database = await postgres.open();
  const numbers = await storedNumbers(database);
  await database.close();
  return numbers.toSorted((a, b) => a - b);
}
