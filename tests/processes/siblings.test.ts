import { createHash, randomUUID } from "node:crypto";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, expect, it } from "vitest";

import { IngestRoles } from "#lib/run/supervise/ingest-roles.ts";
import { insertToken } from "#lib/store/tokens.ts";

import { testDatabase, type TestDatabase } from "../postgres/harness.ts";

const linesPerRequest = 5;
const roles = new IngestRoles(2);
let test: TestDatabase;
let port: number;

beforeAll(async () => {
  test = await testDatabase();
  const environment = {
    DATABASE_URL: test.url,
    VIASCOPE_INGEST_PROCESSES: "2",
    VIASCOPE_LOG_LEVEL: "fatal",
    VIASCOPE_OTLP_HTTP_PORT: "0",
    VIASCOPE_OTLP_GRPC_PORT: "0",
    VIASCOPE_SYSLOG_PORT: "0",
  };
  const first = roles.keep(environment);
  await first.ready;
  const found = Object.entries(first.ports()).map(([name, value]) => [name, String(value)]);
  port = first.ports()["VIASCOPE_OTLP_HTTP_PORT"] ?? 0;
  await roles.keep({ ...environment, ...Object.fromEntries(found) }).ready;
});
afterAll(async () => {
  await Promise.all(roles.all.map((role) => role.stop()));
  await test.drop();
});

it("whichever is asked for counters answers for all processes on the port", async () => {
  const answers = await Promise.all(Array.from({ length: 60 }, () => send(null)));
  expect(answers).toEqual(Array.from({ length: 60 }, () => 200));
  const asked = await Promise.all(Array.from({ length: 12 }, () => accepted()));
  for (const byProcess of asked) {
    expect([...byProcess.keys()]).toEqual(["0", "1"]);
    expect(sum(byProcess)).toBe(60 * linesPerRequest);
  }
  const answer = await metrics();
  expect(answer.match(/^# TYPE viascope_ingest_accepted_total /gm)).toHaveLength(1);
});

it("the limit of a token is one for all of them", async () => {
  const recordsPerSecond = 20;
  const token = await limited(recordsPerSecond);
  const begunMs = Date.now();
  const before = sum(await accepted());
  const statuses = new Map<number, number>();
  for (let place = 0; place < 80; place += 1) {
    const status = await send(token);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    await sleep(50);
  }
  const seconds = (Date.now() - begunMs) / 1_000;
  const taken = sum(await accepted()) - before;
  expect([...statuses.keys()].toSorted((a, b) => a - b)).toEqual([200, 429]);
  const allowed = recordsPerSecond * (5 + seconds);
  expect(taken).toBeGreaterThan(0.8 * allowed);
  // Each would let through as much when it counted for itself; what was not told yet may come on top.
  expect(taken).toBeLessThan(allowed + 12 * linesPerRequest);
});

it("one that is gone is left out, and the others still answer", async () => {
  await roles.all[1]?.stop();
  expect([...(await accepted()).keys()]).toEqual(["0"]);
});

/** A connection of its own, as only connections are dealt out. */
function send(token: string | null): Promise<number> {
  const lines = Array.from({ length: linesPerRequest }, () =>
    JSON.stringify({
      msec: (Date.now() / 1_000).toFixed(3),
      request: `GET /${randomUUID()} HTTP/1.1`,
      status: "200",
    }),
  );
  return new Promise((resolve, reject) => {
    const headers = {
      "content-type": "text/plain",
      ...(token !== null && { authorization: `Bearer ${token}` }),
    };
    const path = "/ingest/access-logs?format=nginx&proxy=edge";
    request({ port, path, method: "POST", headers, agent: false }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode ?? 0));
    })
      .once("error", reject)
      .end(lines.join("\n"));
  });
}

function metrics(): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ port, path: "/metrics", agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.once("end", () => resolve(text));
    })
      .once("error", reject)
      .end();
  });
}

/** Records that were stored, by process. */
async function accepted(): Promise<Map<string, number>> {
  const found = (await metrics()).matchAll(
    /^viascope_ingest_accepted_total\{signal="access-logs",process="(\d)"\} (\d+)$/gm,
  );
  return new Map([...found].map(([, process = "", value]) => [process, Number(value)]));
}

function sum(byProcess: ReadonlyMap<string, number>): number {
  return [...byProcess.values()].reduce((total, value) => total + value, 0);
}

async function limited(recordsPerSecond: number): Promise<string> {
  const token = `viascope_in_${randomUUID()}`;
  await insertToken(test.database, 1, {
    id: randomUUID(),
    name: "limited",
    use: "ingest",
    hint: "viascope_in_",
    hash: createHash("sha256").update(token).digest("hex"),
    recordsPerSecond,
    bytesPerSecond: null,
    expiresAt: null,
  });
  return token;
}
