import { request } from "node:http";

import { afterAll, beforeAll, expect, it } from "vitest";

import { queryProxies } from "#lib/query/proxies.ts";

import { testDatabase, type TestDatabase } from "../postgres/harness.ts";
import { IngestProcess } from "./ingest-process.ts";

const requests = 60;
const linesPerRequest = 5;
let test: TestDatabase;
let first: IngestProcess;
let second: IngestProcess;

beforeAll(async () => {
  test = await testDatabase();
  first = await IngestProcess.on(test.url, { VIASCOPE_INGEST_PROCESSES: "2" });
  second = first.beside();
  await first.start();
  await second.start();
});
afterAll(async () => {
  await Promise.all([first.stop(), second.stop()]);
  await test.drop();
});

it("deals connections out to all processes on a port, whose sums add up", async () => {
  const answers = await Promise.all(Array.from({ length: requests }, (_, place) => send(place)));
  expect(answers).toEqual(Array.from({ length: requests }, () => 200));
  const window = { fromMs: Date.now() - 60_000, toMs: Date.now() + 60_000 };
  const [edge] = await queryProxies(test.database, { project: 1, window });
  expect(edge).toMatchObject({ proxy: "edge", requests: requests * linesPerRequest });
  expect(await storingProcesses()).toBe(2);
});

it("goes on with one of them while the other is gone", async () => {
  await second.kill();
  const answers = await Promise.all(Array.from({ length: 20 }, (_, place) => send(place)));
  expect(answers).toEqual(Array.from({ length: 20 }, () => 200));
});

/** A connection of its own, as only connections are dealt out. */
function send(place: number): Promise<number> {
  const lines = Array.from({ length: linesPerRequest }, (_, number) =>
    JSON.stringify({
      msec: (Date.now() / 1_000).toFixed(3),
      request: `GET /shared/${place}/${number} HTTP/1.1`,
      status: "200",
    }),
  );
  return new Promise((resolve, reject) => {
    const path = "/ingest/access-logs?format=nginx&proxy=edge";
    const headers = { "content-type": "text/plain" };
    const options = { port: first.port, path, method: "POST", headers, agent: false };
    request(options, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode ?? 0));
    })
      .once("error", reject)
      .end(lines.join("\n"));
  });
}

/** The process's number stands in the ids of its blocks (lib/store/block-id.ts). */
async function storingProcesses(): Promise<number> {
  const answer = await test.database.pool.query<{ processes: number }>(
    "SELECT count(DISTINCT (id / 8192) % 1024)::int AS processes FROM block",
  );
  return answer.rows[0]?.processes ?? 0;
}
