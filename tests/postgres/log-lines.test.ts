import { createHash, randomBytes } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { logsParams, type LogsAnswer } from "#lib/contract/logs.ts";
import { logsFromJson } from "#lib/decode/otlp-json.ts";
import { queryProxies } from "#lib/query/proxies.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { readExchange } from "#lib/run/read-exchange.ts";
import { readExchanges } from "#lib/run/read-exchanges.ts";
import { readLogs } from "#lib/run/read-logs.ts";
import { retain } from "#lib/run/retain.ts";
import { storedBlocks } from "#lib/store/stored-blocks.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";

const project = 1;
const nowMs = Date.now();
const window = { fromMs: nowMs - 3_600_000, toMs: nowMs + 60_000 };
const metrics = createMetrics();
let test: TestDatabase;
let ingest: Ingest;

beforeAll(async () => {
  test = await testDatabase();
  ingest = await openIngest(test.database, { project, metrics });
});
afterAll(() => test.drop());

function requestOf(body: Uint8Array, delivered = true) {
  return {
    wireBytes: body.length,
    receivedAtMs: Date.now(),
    digest: createHash("sha1").update(body).digest("hex"),
    delivered: Promise.resolve(delivered),
  };
}

function postLines(lines: readonly (string | Buffer)[], query: string, delivered = true) {
  const body = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from("\n")]));
  const request = requestOf(body, delivered);
  return ingest.intake.accessLogs(body, new URLSearchParams(query), request);
}

interface Sent {
  readonly service: string;
  readonly records: readonly object[];
  readonly delivered?: boolean;
}

async function postRecords({ service, records, delivered = true }: Sent) {
  const attributes = [{ key: "service.name", value: { stringValue: service } }];
  const body = logsFromJson(
    JSON.stringify({
      resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords: records }] }],
    }),
  );
  return ingest.intake.logs?.(body, "protobuf", requestOf(body, delivered));
}

function ask(params: Record<string, unknown>): Promise<LogsAnswer> {
  return readLogs(test.database, { project, window }, logsParams.parse(params));
}

const text = (stringValue: string) => ({ stringValue });
const nanoseconds = (ms: number): string => `${ms}000000`;

describe("lines that are no requests", () => {
  it("are kept as they came, with the reason, beside what was understood", async () => {
    const error = `${wall(nowMs - 5_000)} [error] 7#7: *1 open() "/x" failed (2: No such file)`;
    const good = `10.0.0.9 - - [${clf(nowMs - 4_000)}] "GET /a HTTP/1.1" 200 5 "-" "curl"`;
    const result = await postLines(
      [good, "what is this?", error, Buffer.from([0x66, 0xff, 0x00, 0x6f])],
      "format=nginx&proxy=edge&instance=edge-1",
    );
    expect(result).toMatchObject({
      kind: "accepted",
      answer: { accepted: 2, rejected: 2, logLines: 3 },
    });
    const { items, unread } = await ask({ proxy: "edge" });
    expect(unread).toBe(2);
    expect(items.map(({ kind, text: line }) => [kind, line])).toEqual([
      ["unread", "f\uFFFD\0o"],
      ["unread", "what is this?"],
      ["record", error],
    ]);
    expect(items[1]).toMatchObject({
      instance: "edge-1",
      format: "nginx",
      severity: null,
      reason: expect.stringContaining("no access line"),
    });
    expect(items[2]).toMatchObject({ severity: "error", severityText: "error", reason: null });
    const [edge] = await queryProxies(test.database, { project, window });
    expect(edge).toMatchObject({ proxy: "edge", requests: 1 });
    expect(metrics.text()).toContain('viascope_ingest_log_lines_total{kind="unread"} 2');
  });

  it("are cut where they are too long, and say by how much", async () => {
    await postLines(["x".repeat(70_000)], "format=nginx&proxy=long");
    const { items } = await ask({ proxy: "long" });
    expect(items).toMatchObject([
      { textOmitted: 70_000 - 16_384, reason: expect.stringContaining("65536") },
    ]);
    expect(items[0]?.text).toHaveLength(16_384);
  });

  it("are read with the clock of the zone that is given", async () => {
    const berlin = new Date(nowMs - 60_000).toLocaleString("sv", { timeZone: "Europe/Berlin" });
    const line = `${berlin.replaceAll("-", "/")} [warn] 7#7: low on connections`;
    await postLines([line], "format=nginx&proxy=berlin&tz=Europe/Berlin");
    const { items } = await ask({ proxy: "berlin" });
    expect(items.map(({ time }) => time)).toEqual([
      new Date(Math.floor((nowMs - 60_000) / 1000) * 1000).toISOString(),
    ]);
    expect(await postLines([line], "proxy=berlin&tz=Berlin")).toMatchObject({
      kind: "invalid",
      message: expect.stringContaining("?tz="),
    });
  });
});

describe("OpenTelemetry log records", () => {
  const traceId = randomBytes(16).toString("hex");
  const envoy = {
    timeUnixNano: nanoseconds(nowMs - 20_000),
    traceId,
    body: text(""),
    attributes: Object.entries({
      method: "GET",
      path: "/rsc.io/quote/@v/list",
      response_code: "503",
      response_flags: "UF,URX",
      upstream_cluster: "goproxy",
      upstream_host: "10.0.2.1:443",
      upstream_transport_failure_reason:
        "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end",
      duration: "12",
      bytes_sent: "91",
    }).map(([key, value]) => ({ key, value: text(value) })),
  };
  const application = {
    timeUnixNano: nanoseconds(nowMs - 10_000),
    severityNumber: 17,
    severityText: "ERROR",
    traceId,
    spanId: "eee19b7ec3c1b174",
    body: text("could not stash\0 module"),
    attributes: [{ key: "module", value: text("rsc.io/quote") }],
  };

  it("become exchanges and log lines, and bad ones are counted by their reason", async () => {
    const old = { timeUnixNano: nanoseconds(nowMs - 400 * 86_400_000), body: text("old") };
    const result = await postRecords({ service: "mesh", records: [application, old, envoy] });
    expect(result).toMatchObject({ kind: "accepted", rejected: 1 });
    expect(metrics.text()).toContain(
      'viascope_ingest_rejected_total{signal="logs",reason="older_than_retention"} 1',
    );
    const [exchange] = await readExchanges(
      test.database,
      { project, window },
      { proxy: "mesh", order: "newest", limit: 5 },
    );
    expect(exchange).toMatchObject({
      status: 503,
      path: "/rsc.io/quote/@v/list",
      latencyMs: 12,
      traceId,
      attempts: [
        { upstream: "goproxy", endpoint: "10.0.2.1:443", tlsReason: "certificate_verify_failed" },
      ],
    });
    const found = await readExchange(test.database, { project, id: exchange?.id ?? "" });
    expect(found?.exchange).toEqual(exchange);
    expect(found?.raw).toContain("upstream_transport_failure_reason");
  });

  it("are found by their trace, severity and text", async () => {
    const expected = {
      proxy: "mesh",
      kind: "record",
      format: "otlp",
      severity: "error",
      traceId,
      spanId: "eee19b7ec3c1b174",
      text: "could not stash\0 module",
      attributes: { module: "rsc.io/quote" },
    };
    for (const params of [
      { traceId },
      { traceId: traceId.toUpperCase() },
      { proxy: "mesh", severity: "error" },
      { query: "COULD not stash" },
    ]) {
      expect((await ask(params)).items).toMatchObject([expected]);
    }
    for (const params of [
      { traceId: `${"0".repeat(16)}${traceId.slice(16)}` },
      { proxy: "mesh", severity: "fatal" },
      { proxy: "mesh", kind: "unread" },
      { proxy: "nobody" },
      { query: "%stash" },
    ]) {
      expect((await ask(params)).items).toEqual([]);
    }
  });

  it("count once when they are sent again because the answer was lost, also to another process", async () => {
    const record = { body: text("only once"), timeUnixNano: nanoseconds(nowMs - 1_000) };
    const lost = { service: "lost", records: [record], delivered: false };
    await postRecords(lost);
    await postRecords(lost);
    expect((await ask({ proxy: "lost" })).items).toHaveLength(1);
    ingest = await openIngest(test.database, { project, metrics });
    expect(await postRecords({ ...lost, delivered: true })).toMatchObject({ kind: "accepted" });
    expect((await ask({ proxy: "lost" })).items).toHaveLength(1);
    await postRecords({ ...lost, delivered: true });
    expect((await ask({ proxy: "lost" })).items).toHaveLength(2);
  });
});

it("whether a commit of nothing but log lines is stored is known when its answer was lost", async () => {
  const { rows } = await test.database.pool.query<{ id: string }>("SELECT id FROM log_block");
  const ids = rows.map(({ id }) => Number(id));
  expect(ids.length).toBeGreaterThan(0);
  expect(await storedBlocks(test.database, [...ids, 17])).toEqual(new Set(ids));
});

describe("pages of log lines", () => {
  it("follow each other without a gap or a repetition, newest first", async () => {
    const records = Array.from({ length: 250 }, (_, place) => ({
      body: text(`line ${place}`),
      timeUnixNano: nanoseconds(nowMs - 30_000 + Math.floor(place / 3)),
    }));
    await postRecords({ service: "pages", records: records.slice(0, 120) });
    await postRecords({ service: "pages", records: records.slice(120) });
    const seen: string[] = [];
    const times: string[] = [];
    let cursor: string | null = null;
    do {
      const page: LogsAnswer = await ask({
        proxy: "pages",
        limit: 40,
        ...(cursor === null ? {} : { cursor }),
      });
      seen.push(...page.items.map((item) => item.text));
      times.push(...page.items.map((item) => item.time));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.toSorted()).toEqual(records.map(({ body }) => body.stringValue).toSorted());
    expect(times).toEqual(times.toSorted().toReversed());
  });

  it("of a search hold what matches, whatever is in between", async () => {
    const first = await ask({ proxy: "pages", query: "line 24", limit: 5 });
    expect(first.items).toHaveLength(5);
    const rest = await ask({
      proxy: "pages",
      query: "line 24",
      limit: 50,
      cursor: first.nextCursor ?? "",
    });
    expect(rest.nextCursor).toBeNull();
    expect([...first.items, ...rest.items].map((item) => item.text).toSorted()).toEqual(
      ["line 24", ...Array.from({ length: 10 }, (_, place) => `line 24${place}`)].toSorted(),
    );
  });
});

it("log lines go with their own retention, by whole partitions", async () => {
  const days = {
    traces: 14,
    accessLogs: 14,
    logs: 3,
    metrics: 14,
    rollup10s: 2,
    rollup1m: 30,
    rollup1h: 395,
    rollup1d: 900,
    operations: 7,
  };
  const dropped = await retain(test.database, nowMs + 5 * 86_400_000, days);
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll("-", "");
  expect(dropped).toEqual(expect.arrayContaining([`log_block_p${day}`, `log_line_p${day}`]));
  expect(dropped.some((name) => name.startsWith("segment"))).toBe(false);
  expect((await ask({})).items).toEqual([]);
});

function wall(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replaceAll("-", "/").replace("T", " ");
}

function clf(ms: number): string {
  const [, day, month, year, clock] =
    /, (\d\d) (\w{3}) (\d{4}) ([\d:]+)/.exec(new Date(ms).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${clock} +0000`;
}
