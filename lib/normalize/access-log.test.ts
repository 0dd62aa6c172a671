import { describe, expect, it } from "vitest";

import type { AccessAttempt, AccessRecord } from "#lib/decode/access-record.ts";

import { exchangeOfRecord } from "./access-log.ts";

const attempt: AccessAttempt = {
  upstream: null,
  endpoint: "10.0.0.1:80",
  status: 200,
  durationUs: 1_000,
  errorType: null,
  tlsReason: null,
  canceled: false,
};

const record: AccessRecord = {
  format: "nginx",
  startUs: 1_000_000,
  durationUs: 5_000,
  method: "GET",
  path: "/github.com/!burnt!sushi/toml/@v/v1.3.2.zip?x=1",
  host: null,
  client: "192.0.2.7",
  userAgent: null,
  status: 200,
  bytes: 5,
  cacheWord: null,
  errorType: null,
  clientTlsReason: null,
  attempts: [],
  traceId: null,
  unread: null,
};

const origin = { proxy: "edge", instance: "a" };

it("keeps who logged it, and reads the module request from the path", () => {
  expect(exchangeOfRecord(record, origin)).toMatchObject({
    proxy: "edge",
    instance: "a",
    source: "logs",
    path: record.path,
    module: { module: "github.com/BurntSushi/toml", version: "v1.3.2", endpoint: "zip" },
  });
});

it("leaves the cache not measured where the format has no word for it", () => {
  expect(exchangeOfRecord(record, origin).cache).toBeNull();
  expect(exchangeOfRecord({ ...record, cacheWord: "-" }, origin).cache).toBe("none");
});

it("starts each attempt when those before it were over", () => {
  const attempts = [
    { ...attempt, durationUs: 1_000 },
    { ...attempt, durationUs: null },
    { ...attempt, durationUs: 2_000 },
    attempt,
  ];
  const starts = exchangeOfRecord({ ...record, attempts }, origin).attempts.map(
    ({ startUs }) => startUs,
  );
  expect(starts).toEqual([1_000_000, 1_001_000, 1_001_000, 1_003_000]);
});

describe("names an attempt's upstream", () => {
  it.each([
    [{ upstream: "pool" }, "pool", "10.0.0.1:80"],
    [{ upstream: null }, "10.0.0.1:80", "10.0.0.1:80"],
    [{ upstream: null, endpoint: null }, "unknown", null],
    [{ upstream: "pool", endpoint: null }, "pool", null],
  ])("%j", (names, upstream, endpoint) => {
    const made = exchangeOfRecord({ ...record, attempts: [{ ...attempt, ...names }] }, origin);
    expect(made.attempts).toMatchObject([{ upstream, endpoint }]);
  });
});

describe("hashes a trace to its last 8 bytes", () => {
  it.each([
    ["0af7651916cd43dd8448eb211c80319c", { high: 0x8448eb21, low: 0x1c80319c }],
    ["0AF7651916CD43DD8448EB211C80319C", { high: 0x8448eb21, low: 0x1c80319c }],
    ["ffffffffffffffff", { high: 0xffffffff, low: 0xffffffff }],
    ["00000000000000000000000000000000", null],
    ["not a trace id of any kind at all", null],
    ["123", null],
    [null, null],
  ])("%j", (traceId, traceHash) => {
    expect(exchangeOfRecord({ ...record, traceId }, origin).traceHash).toEqual(traceHash);
  });
});
