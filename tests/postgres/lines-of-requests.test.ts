import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, expect, it } from "vitest";

import { exchangesParams } from "#lib/contract/exchanges.ts";
import { logsParams } from "#lib/contract/logs.ts";
import { keepMsDefault } from "#lib/core/keep.ts";
import { exchangeOfLine } from "#lib/run/exchange-of-line.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { readExchange } from "#lib/run/read-exchange.ts";
import { readExchanges } from "#lib/run/read-exchanges.ts";
import { readLogs } from "#lib/run/read-logs.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";

const project = 1;
const atMs = Math.floor(Date.now() / 1_000) * 1_000 - 60_000;
const window = { fromMs: atMs - 600_000, toMs: atMs + 600_000 };
let test: TestDatabase;
let ingest: Ingest;

beforeAll(async () => {
  test = await testDatabase();
  ingest = await openIngest(test.database, { project, metrics: createMetrics() });
});
afterAll(() => test.drop());

async function send(proxy: string, lines: readonly string[]): Promise<void> {
  const body = Buffer.from(`${lines.join("\n")}\n`);
  const query = new URLSearchParams(`proxy=${proxy}&format=nginx`);
  const result = await ingest.intake.accessLogs(body, query, {
    wireBytes: body.length,
    receivedAtMs: Date.now(),
    digest: randomBytes(20).toString("hex"),
    delivered: Promise.resolve(true),
  });
  expect(result).toMatchObject({ kind: "accepted", answer: { rejected: 0 } });
}

const path = "/rsc.io/quote/@v/list";

function accessLine(client: string, endMs: number, asked = path): string {
  return JSON.stringify({
    msec: (endMs / 1_000).toFixed(3),
    remote_addr: client,
    request: `GET ${asked} HTTP/1.1`,
    status: "502",
    request_time: "0.500",
  });
}

function errorLine(client: string, asked = path, saidMs = atMs): string {
  const stamp = new Date(saidMs).toISOString().slice(0, 19).replaceAll("-", "/").replace("T", " ");
  return `${stamp} [error] 7#7: *4 no live upstreams while connecting to upstream, client: ${client}, server: go, request: "GET ${asked} HTTP/1.1", upstream: "http://origin${asked}", host: "go"`;
}

async function linesOf(proxy: string) {
  return (await readLogs(test.database, { project, window }, logsParams.parse({ proxy }))).items;
}

async function leadsTo(proxy: string) {
  const [line] = await linesOf(proxy);
  return exchangeOfLine(test.database, { project, lineId: line?.id ?? "", keep: keepMsDefault });
}

it("an error line leads to the one exchange of its client, path and time, whose page lists the line", async () => {
  await send("named", [
    accessLine("192.0.2.1", atMs + 400),
    accessLine("192.0.2.2", atMs + 400),
    accessLine("192.0.2.1", atMs + 400, "/rsc.io/other/@v/list"),
    accessLine("192.0.2.1", atMs - 30_000),
  ]);
  await send("named", [errorLine("192.0.2.1")]);
  const params = exchangesParams.parse({ proxy: "named", limit: 10 });
  const exchanges = await readExchanges(test.database, { project, window }, params);
  expect(exchanges).toHaveLength(4);
  const found = await leadsTo("named");
  if (found?.kind !== "exchange") throw new Error("Several were found.");
  const lines = await linesOf("named");
  expect(lines).toHaveLength(1);
  for (const { id } of exchanges) {
    const answer = await readExchange(test.database, { project, id });
    expect(answer?.lines).toEqual(id === found.id ? lines : []);
  }
  const answer = await readExchange(test.database, { project, id: found.id });
  expect(answer?.exchange).toMatchObject({ path, time: new Date(atMs - 100).toISOString() });
  expect(answer?.raw).toContain("192.0.2.1");
});

it("an error line that may mean several leads to the list of them, and one without a request nowhere", async () => {
  await send("alike", [accessLine("192.0.2.1", atMs + 400), accessLine("192.0.2.1", atMs + 450)]);
  await send("alike", [errorLine("192.0.2.1")]);
  expect(await leadsTo("alike")).toEqual({
    kind: "several",
    window: { fromMs: atMs - 60_000, toMs: atMs + 2_000 },
    proxy: "alike",
    filter: { module: "rsc.io/quote", endpoint: "list" },
  });
  await send("nobody", [errorLine("192.0.2.1")]);
  expect(await leadsTo("nobody")).toMatchObject({ kind: "several", proxy: "nobody" });
  await send("quiet", [errorLine("192.0.2.1").replace(/ no live .*/, " low on connections")]);
  expect(await linesOf("quiet")).toHaveLength(1);
  expect(await leadsTo("quiet")).toBeNull();
});
