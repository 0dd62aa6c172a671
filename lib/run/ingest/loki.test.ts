import { expect, it } from "vitest";

import type { AccessLogsResult, IngestRequest, Intake } from "#lib/receive/intake.ts";

import { takeLoki } from "./loki.ts";

const push = Buffer.from(
  JSON.stringify({
    streams: ["a", "b"].map((job) => ({ stream: { job }, values: [["1795212544000000000", job]] })),
  }),
);
const stored: AccessLogsResult = {
  kind: "accepted",
  answer: { accepted: 1, rejected: 0, logLines: 0, rejections: [] },
};
const busy: AccessLogsResult = { kind: "busy", retryAfterSeconds: 2, message: "full" };

interface Part {
  readonly proxy: string | null;
  readonly zone: string | null;
  readonly line: string;
  readonly request: IngestRequest;
}

/** Takes the push with a store that answers each proxy as told; gives what it was asked to store. */
async function take(
  answers: Readonly<Record<string, AccessLogsResult>>,
  isDelivered = true,
  body = push,
) {
  const parts: Part[] = [];
  const accessLogs: Intake["accessLogs"] = (payload, query, request) => {
    const proxy = query.get("proxy");
    parts.push({ proxy, zone: query.get("tz"), line: Buffer.from(payload).toString(), request });
    return Promise.resolve(answers[proxy ?? ""] ?? stored);
  };
  const delivered = Promise.resolve(isDelivered);
  const request = { wireBytes: body.length, receivedAtMs: 0, digest: "ab", delivered };
  const result = await takeLoki(accessLogs, body, "json", request);
  return {
    result,
    parts,
    delivered: await Promise.all(parts.map((part) => part.request.delivered)),
  };
}

it("stores the lines of each proxy apart, with the times of the client", async () => {
  const { result, parts } = await take({});
  expect(result).toMatchObject({ kind: "accepted", rejected: 0 });
  expect(parts).toMatchObject([
    { proxy: "a", line: "2026-11-20T22:09:04.000000Z stdout F a\n" },
    { proxy: "b", line: "2026-11-20T22:09:04.000000Z stdout F b\n" },
  ]);
});

it("tells the sender to come back when a part is not stored, and remembers the stored ones as not answered", async () => {
  const first = await take({ b: busy });
  expect(first.result).toBe(busy);
  expect(first.delivered).toEqual([false, false]);
  const again = await take({});
  expect(again.delivered).toEqual([true, true]);
  const digests = (parts: typeof again.parts) => parts.map(({ request }) => request.digest);
  expect(digests(again.parts)).toEqual(digests(first.parts));
  expect(new Set(digests(again.parts)).size).toBe(2);
});

it("remembers all parts as not answered when the answer is lost", async () => {
  expect((await take({}, false)).delivered).toEqual([false, false]);
});

function pushWithZones(...zones: readonly (string | undefined)[]): typeof push {
  const streams = zones.map((tz, at) => ({
    stream: { job: `job-${at}`, ...(tz !== undefined && { tz }) },
    values: [["1795212544000000000", "line"]],
  }));
  return Buffer.from(JSON.stringify({ streams }));
}

it("reads times that name no zone by the clock that the label tz names", async () => {
  const { parts } = await take({}, true, pushWithZones("Europe/Berlin", undefined, "", "UTC"));
  expect(parts.map(({ zone }) => zone)).toEqual(["Europe/Berlin", null, null, null]);
});

it("stores nothing of a push whose label tz is no zone, as its times would be guessed", async () => {
  const { result, parts } = await take({}, true, pushWithZones("Europe/Berlin", "CEST+2"));
  expect(result).toMatchObject({ kind: "invalid" });
  expect(result).toMatchObject({ message: expect.stringContaining('The label tz is "CEST+2"') });
  expect(parts).toEqual([]);
});
