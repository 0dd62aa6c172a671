import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createMetrics } from "#lib/telemetry/metrics.ts";
import { testDatabase, type TestDatabase } from "#tests/postgres/harness.ts";

import { openIngest } from "../ingest.ts";
import { edgeLine, edgeLogFormat, edgeName } from "./edge-line.ts";
import { exchangesOfSecond } from "./model.ts";
import { pastToFill } from "./past-to-fill.ts";

const project = 1;
let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

describe("the past that a demo fills in", () => {
  it("is the hour before the first one, and then only what the last one has not told of", async () => {
    const nowMs = Date.now();
    expect(await pastToFill(test.database, project, nowMs)).toBe(60);

    const second = Math.floor(nowMs / 1_000) - 19 * 60 - 30;
    const exchanges = exchangesOfSecond({ seed: 1, perSecond: 30, startedSecond: second }, second);
    const ingest = await openIngest(test.database, { project, metrics: createMetrics() });
    const body = Buffer.from(exchanges.map(edgeLine).join("\n"));
    const query = new URLSearchParams({
      format: "nginx",
      proxy: edgeName,
      log_format: edgeLogFormat,
    });
    await ingest.intake.accessLogs(body, query, {
      wireBytes: body.length,
      receivedAtMs: nowMs,
      digest: "00".repeat(20),
      delivered: Promise.resolve(true),
    });
    expect(await pastToFill(test.database, project, nowMs)).toBe(19);
    expect(await pastToFill(test.database, project, second * 1_000 + 9_000)).toBe(0);
  });
});
