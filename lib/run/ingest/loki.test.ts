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

/** Takes the push with a store that answers each proxy as told; gives what it was asked to store. */
async function take(answers: Readonly<Record<string, AccessLogsResult>>, isDelivered = true) {
  const parts: { proxy: string | null; line: string; request: IngestRequest }[] = [];
  const accessLogs: Intake["accessLogs"] = (payload, query, request) => {
    const proxy = query.get("proxy");
    parts.push({ proxy, line: Buffer.from(payload).toString(), request });
    return Promise.resolve(answers[proxy ?? ""] ?? stored);
  };
  const delivered = Promise.resolve(isDelivered);
  const request = { wireBytes: push.length, receivedAtMs: 0, digest: "ab", delivered };
  const result = await takeLoki(accessLogs, push, "json", request);
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
