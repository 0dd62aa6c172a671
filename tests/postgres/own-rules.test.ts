import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { alertEvent, type AlertEvent } from "#lib/contract/alert-event.ts";
import { ensurePartitions } from "#lib/db/partitions.ts";
import { readyMadeRules } from "#lib/rules/ready-made.ts";
import { RuleEvaluation } from "#lib/run/evaluate-rules.ts";
import { OwnStateReader } from "#lib/run/evaluate-rules/own-state.ts";
import { openIngest } from "#lib/run/ingest.ts";
import { Senders } from "#lib/run/ingest/senders.ts";
import type { DiskRoom } from "#lib/run/operations/disk.ts";
import { previewRule } from "#lib/run/preview-rule.ts";
import { appendMinute, saveProcess } from "#lib/store/processes.ts";
import { insertToken, noteTokensUsed, revokeToken } from "#lib/store/tokens.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";
import { sendSpans } from "./send-spans.ts";

const project = 1;
const minuteMs = 60_000;
const dayMs = 86_400_000;
const retention = {
  traces: 400,
  accessLogs: 400,
  logs: 400,
  metrics: 400,
  rollup10s: 2,
  rollup1m: 30,
  rollup1h: 395,
  rollup1d: 1_830,
  operations: 7,
};

describe("an operator is told", () => {
  let test: TestDatabase;
  let evaluation: RuleEvaluation;
  let nowMs: number;
  let room: DiskRoom | null;

  beforeEach(async () => {
    test = await testDatabase();
    nowMs = Math.floor(Date.now() / minuteMs) * minuteMs + 20_000;
    room = { freeBytes: 1e12, used: 0.5 };
    const own = new OwnStateReader({
      db: test.database,
      retention,
      diskRoom: () => Promise.resolve(room),
    });
    evaluation = new RuleEvaluation(test.database, { project, own });
  });
  afterEach(() => test.drop());

  /** Rounds as a worker makes them, one a minute. */
  async function rounds(count: number): Promise<void> {
    for (let round = 0; round < count; round += 1) {
      await evaluation.evaluate(nowMs);
      nowMs += minuteMs;
    }
  }

  async function outbox(): Promise<AlertEvent[]> {
    const answer = await test.database.pool.query<{ payload: unknown }>(
      "SELECT payload FROM notification_outbox ORDER BY id",
    );
    return answer.rows.map(({ payload }) => alertEvent.parse(payload));
  }

  async function told(): Promise<string[]> {
    return (await outbox()).map(({ ruleKey, status }) => `${ruleKey} ${status}`);
  }

  /** A minute of the ingest process, told when it was over. */
  function minute(atMs: number, counters: Record<string, number>): Promise<void> {
    const process = { id: "00000000-0000-4000-8000-000000000001", role: "ingest" };
    return appendMinute(test.database, process, {
      minuteMs: Math.floor(atMs / minuteMs) * minuteMs,
      counters,
      gauges: { "viascope_ingest_queue_depth {}": 0 },
      histograms: {},
    });
  }

  async function spool(bytes: number): Promise<void> {
    const gauges = { "viascope_spool_bytes {}": bytes, "viascope_spool_bytes_max {}": 1_000 };
    const row = { role: "ingest", host: "one", version: "1", startedMs: nowMs, gauges };
    await saveProcess(test.database, { id: "00000000-0000-4000-8000-000000000001", ...row }, nowMs);
  }

  it("that the disk fills, in time, and that it no longer does", async () => {
    await rounds(1);
    for (const age of [1, 2, 3]) await fillDay(nowMs - age * dayMs);
    const bytesPerDay = 1_000_000;
    room = { freeBytes: 5 * bytesPerDay, used: 0.9 };
    await rounds(1);
    expect(await outbox()).toMatchObject([
      {
        ruleKey: "disk-filling",
        status: "firing",
        severity: "ticket",
        labels: { alertname: "Disk fills up" },
        values: [{ name: "disk_left", unit: "seconds" }],
        evidence: [{ kind: "operations" }],
      },
    ]);
    const [first] = await outbox();
    expect(first?.evidence[0]?.path).toMatch(/^\/settings\/operations\?from=/);
    expect(first?.annotations["summary"]).toMatch(/^Disk fills up \(disk_left \S+ (?:d|h)\)$/);
    expect(first?.labels).not.toHaveProperty("proxy");

    room = { freeBytes: bytesPerDay / 4, used: 0.97 };
    await rounds(1);
    expect((await told()).slice(1).toSorted()).toEqual([
      "disk-full-tomorrow firing",
      "disk-nearly-full firing",
    ]);
    room = { freeBytes: 1e12, used: 0.4 };
    await rounds(3);
    expect((await told()).slice(3).toSorted()).toEqual([
      "disk-filling resolved",
      "disk-full-tomorrow resolved",
      "disk-nearly-full resolved",
    ]);
  });

  it("nothing of a disk that is another machine's, and an alert stays when it cannot be asked", async () => {
    room = { freeBytes: 1e12, used: 0.99 };
    await rounds(1);
    room = null;
    await rounds(4);
    expect(await told()).toEqual(["disk-nearly-full firing"]);
  });

  it("that more than a twentieth is refused, for as long as it is", async () => {
    const taken = 'viascope_ingest_accepted_total {"signal":"traces"}';
    const old =
      'viascope_ingest_rejected_total {"signal":"traces","reason":"older_than_retention"}';
    await minute(nowMs - minuteMs, { [taken]: 10_000, [old]: 100 });
    await rounds(1);
    expect(await told()).toEqual([]);
    await minute(nowMs - minuteMs, { [taken]: 1_000, [old]: 900 });
    await rounds(1);
    const [event] = await outbox();
    expect(event).toMatchObject({ ruleKey: "telemetry-refused", status: "firing" });
    expect(event?.values.map(({ name, text }) => `${name} ${text}`)).toEqual([
      "refused_records_5m 1000",
      "refused_records_rate_5m 8.33 %",
      "refused_requests_5m 0",
      "refused_requests_rate_5m not measured",
    ]);
    await minute(nowMs - minuteMs, { [taken]: 10_000 });
    await rounds(6);
    expect(await told()).toEqual(["telemetry-refused firing"]);
    for (let more = 0; more < 12; more += 1) {
      await minute(nowMs - minuteMs, { [taken]: 10_000 });
      await rounds(1);
    }
    expect(await told()).toEqual(["telemetry-refused firing", "telemetry-refused resolved"]);
  });

  it("that messages were lost of which no sender knows", async () => {
    const noRoom = 'viascope_syslog_messages_total {"transport":"udp","outcome":"no_room"}';
    await minute(nowMs - minuteMs, { [noRoom]: 3 });
    await rounds(1);
    expect(await outbox()).toMatchObject([
      { ruleKey: "telemetry-lost", values: [{ name: "lost_5m", text: "3" }] },
    ]);
  });

  it("that the spool is nearly full, until it was replayed", async () => {
    await spool(790);
    await rounds(1);
    expect(await told()).toEqual([]);
    await spool(810);
    await rounds(1);
    expect(await outbox()).toMatchObject([
      { ruleKey: "spool-nearly-full", values: [{ name: "spool_used", text: "81 %" }] },
    ]);
    await spool(0);
    await rounds(1);
    await spool(0);
    await rounds(1);
    expect(await told()).toEqual(["spool-nearly-full firing", "spool-nearly-full resolved"]);
  });

  it("that a token in use expires, until it is revoked, and nothing of one that nobody uses", async () => {
    const inUse = await token("edge collector", nowMs + 5 * dayMs);
    await token("forgotten", nowMs + 5 * dayMs);
    const lasting = await token("lasting", nowMs + 90 * dayMs);
    await noteTokensUsed(test.database, new Map([inUse, lasting].map((id) => [id, nowMs])));
    await rounds(1);
    expect(await outbox()).toMatchObject([
      {
        ruleKey: "token-expiry",
        labels: { token: "edge collector" },
        values: [{ name: "token_left", text: "5 d" }],
        evidence: [{ kind: "operations", path: "/settings/tokens" }],
      },
    ]);
    expect((await outbox())[0]?.annotations["summary"]).toBe(
      "Token expires soon: edge collector (token_left 5 d)",
    );
    await revokeToken(test.database, project, inUse, nowMs);
    await rounds(1);
    expect(await told()).toEqual(["token-expiry firing", "token-expiry resolved"]);
  });

  it("that a sender's clock is off by more than 5 s, where the clocks stand, until it is right", async () => {
    const ingest = await openIngest(test.database, { project, metrics: createMetrics() });
    const ids = { traceId: "c".repeat(32), spanId: "d".repeat(16) };
    const request = { kind: 2, status: 200, service: "skewed", durationMs: 5 } as const;
    await sendSpans(ingest, [{ ...ids, ...request, startMs: nowMs - minuteMs }]);
    await hear(6_000);
    await rounds(2);
    expect(await outbox()).toMatchObject([
      {
        ruleKey: "clock-skew",
        labels: { proxy: "skewed" },
        values: [{ name: "clock_off", text: "6 s" }],
      },
    ]);
    expect((await outbox())[0]?.evidence[0]).toMatchObject({
      kind: "operations",
      title: "The clocks of senders",
      path: expect.stringMatching(/^\/settings\/operations\?from=/),
    });
    nowMs += 10 * minuteMs;
    await hear(100);
    await rounds(2);
    expect(await told()).toEqual(["clock-skew firing", "clock-skew resolved"]);
  });

  /** Five minutes of a sender whose clock is so far ahead. */
  async function hear(aheadMs: number): Promise<void> {
    const senders = new Senders(test.database, project, createMetrics());
    const grant = { project, token: null, address: "10.0.0.7", spend: () => {} };
    for (let ago = 4; ago >= 0; ago -= 1) {
      const receivedMs = nowMs - ago * minuteMs;
      const newestEndUs = (receivedMs + aheadMs) * 1_000;
      senders.hear([{ proxy: "skewed", instance: null, newestEndUs }], receivedMs, grant);
    }
    await senders.close();
  }

  it.each(["token-expiry", "disk-filling"])("why %s has no preview", async (key) => {
    const definition = readyMadeRules.find((rule) => rule.key === key)?.definition;
    if (definition === undefined) throw new Error(key);
    const body = { ...definition, labels: {}, days: 1 };
    await expect(previewRule(test.database, { project, body, keep, nowMs })).rejects.toThrow(
      /cannot be replayed: /,
    );
  });

  async function token(name: string, expiresMs: number): Promise<string> {
    const id = crypto.randomUUID();
    const hash = id.replaceAll("-", "").repeat(2);
    await insertToken(test.database, project, {
      id,
      name,
      hash,
      use: "ingest",
      hint: "viascope_in_",
      recordsPerSecond: null,
      bytesPerSecond: null,
      expiresAt: new Date(expiresMs),
    });
    return id;
  }

  /** About a megabyte of blocks. */
  async function fillDay(timeMs: number): Promise<void> {
    await ensurePartitions(test.database, "block_traces", [timeMs]);
    await test.database.pool.query(
      `INSERT INTO block (received_at, id, records, raw_bytes, project_id, signal, stream, payload)
       SELECT $1, n, 1, 10000, 1, 'traces', NULL, decode(repeat(md5(n::text), 625), 'hex')
         FROM generate_series(1, 100) AS n`,
      [new Date(timeMs)],
    );
  }
});

const keep = { 10: dayMs, 60: dayMs, 3_600: dayMs, 86_400: dayMs };
