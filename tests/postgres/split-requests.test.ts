import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { exchangesParams } from "#lib/contract/exchanges.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { mergeSmallBlocks } from "#lib/run/merge-blocks.ts";
import { readExchange } from "#lib/run/read-exchange.ts";
import { readExchanges } from "#lib/run/read-exchanges.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";

const project = 1;
/** Some hours ago, so that small blocks may be merged. */
const sentMs = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 2 * 3_600_000;
const window = { fromMs: sentMs - 600_000, toMs: sentMs + 600_000 };
let test: TestDatabase;
let ingest: Ingest;
let nowMs = sentMs;

beforeAll(async () => {
  test = await testDatabase();
  ingest = await openIngest(test.database, {
    project,
    metrics: createMetrics(),
    nowMs: () => nowMs,
  });
});
afterAll(() => test.drop());

async function send(proxy: string, format: string, lines: readonly string[]): Promise<void> {
  nowMs += 2_000;
  const body = Buffer.from(`${lines.join("\n")}\n`);
  const query = new URLSearchParams(`proxy=${proxy}&format=${format}`);
  const result = await ingest.intake.accessLogs(body, query, {
    wireBytes: body.length,
    receivedAtMs: nowMs,
    digest: randomBytes(20).toString("hex"),
    delivered: Promise.resolve(true),
  });
  expect(result).toMatchObject({ kind: "accepted", answer: { rejected: 0 } });
}

const stamp = new Date(sentMs).toISOString().slice(0, 19).replaceAll("-", "/").replace("T", " ");

function nginxLine(path: string, status = 502): string {
  return JSON.stringify({
    msec: (sentMs / 1_000).toFixed(3),
    remote_addr: "192.0.2.7",
    request: `GET ${path} HTTP/1.1`,
    status: `${status}`,
    request_time: "0.100",
    upstream_addr: "10.0.0.1:443",
    upstream_status: `${status}`,
    upstream_connect_time: "-",
    upstream_header_time: "-",
    upstream_bytes_received: "0",
    upstream_response_time: "0.100",
  });
}

function nginxError(path: string): string {
  return `${stamp} [error] 7#7: *4 upstream SSL certificate verify error: (10:certificate has expired) while SSL handshaking to upstream, client: 192.0.2.7, server: go.example, request: "GET ${path} HTTP/1.1", upstream: "https://10.0.0.1:443${path}", host: "go.example"`;
}

function varnishLine(fields: Record<string, string>): string {
  return JSON.stringify({
    time: `${sentMs / 1_000}`,
    method: "GET",
    url: "/rsc.io/split/@v/list",
    proto: "HTTP/1.1",
    status: "200",
    bytes: "61",
    us: "1030",
    ...fields,
  });
}

async function only(proxy: string) {
  const params = exchangesParams.parse({ proxy });
  const items = await readExchanges(test.database, { project, window }, params);
  expect(items).toHaveLength(1);
  return items[0];
}

async function page(proxy: string) {
  return (await readExchange(test.database, { project, id: (await only(proxy))?.id ?? "" }))
    ?.exchange;
}

describe("a request of which the blocks before tell too", () => {
  beforeAll(async () => {
    await send("split-nginx", "nginx", [nginxError("/rsc.io/a/@v/list")]);
    await send("split-nginx", "nginx", [nginxLine("/rsc.io/a/@v/list")]);
    const request = { side: "c", vxid: "2", handling: "miss", link: "3", link_reason: "fetch" };
    await send("split-varnish", "varnish", [varnishLine(request)]);
    const attempt = { side: "b", vxid: "3", parent: "2", reason: "fetch", backend: "origin" };
    await send("split-varnish", "varnish", [varnishLine({ ...attempt, url: "/rewritten" })]);
  });

  const explained = { errorType: "tls_certificate_error", tlsReason: "certificate_expired" };

  it("is shown with what an error line said that came in a request of its own", async () => {
    const exchange = await page("split-nginx");
    expect(exchange?.attempts).toMatchObject([{ endpoint: "10.0.0.1:443", ...explained }]);
  });

  it("is read where its last line stands, whatever the path of the attempt, by itself and in a list", async () => {
    const exchange = await page("split-varnish");
    expect(exchange).toMatchObject({
      path: "/rsc.io/split/@v/list",
      attempts: [{ upstream: "origin", status: 200 }],
    });
    expect(await only("split-varnish")).toEqual(exchange);
  });

  it("is shown so when its blocks were merged, and nobody else's lines are", async () => {
    const [before, other] = [await page("split-nginx"), await page("split-varnish")];
    nowMs += 1_000;
    await send("split-alone", "nginx", [nginxLine("/rsc.io/a/@v/list")]);
    const merged = await mergeSmallBlocks(test.database, createMetrics(), Date.now());
    expect(merged?.members).toBe(4);
    expect([await page("split-nginx"), await page("split-varnish")]).toEqual([before, other]);
    expect((await page("split-alone"))?.attempts).toMatchObject([{ tlsReason: null }]);
  });
});
