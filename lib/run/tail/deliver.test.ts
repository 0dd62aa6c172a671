import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";

import { afterEach, beforeEach, expect, it } from "vitest";

import { type Receiver, reset, respond, startReceiver } from "#tests/receiver.ts";

import { Delivery, type DeliveryOptions } from "./deliver.ts";
import type { Batch } from "./followed-file.ts";

const stored = respond(200, JSON.stringify({ accepted: 3, rejected: 0, rejections: [] }));
const batch: Batch = { content: "c", bytes: Buffer.from("one\ntwo\nthree\n"), from: 10, to: 24 };
let receiver: Receiver;
let notes: string[];
let stopping: AbortController;

beforeEach(async () => {
  receiver = await startReceiver(stored);
  notes = [];
  stopping = new AbortController();
});
afterEach(() => receiver.close());

const note = (sentence: string) => void notes.push(sentence);

function delivery(
  tokenFile: string | null = null,
  compression: DeliveryOptions["compression"] = "none",
): Delivery {
  const target = new URL(`${receiver.url}/ingest/access-logs?proxy=edge`);
  return new Delivery({ target, tokenFile, compression, stopping: stopping.signal, note });
}

it("sends the lines under a key that is theirs, and tells what the server refused of them", async () => {
  const rejections = [{ line: 2, reason: "not a line" }];
  receiver.answer(respond(200, JSON.stringify({ accepted: 2, rejected: 1, rejections })));
  expect(await delivery().deliver(batch)).toEqual({ accepted: 2, rejected: 1 });
  expect(receiver.received).toMatchObject([{ method: "POST", body: "one\ntwo\nthree\n" }]);
  expect(receiver.received[0]?.headers["idempotency-key"]).toBe("c:10-24");
  expect(notes).toEqual(["1 lines were refused: not a line"]);
});

it.each([
  ["zstd", (body: Buffer) => zstdDecompressSync(body)],
  ["gzip", (body: Buffer) => gunzipSync(body)],
] as const)("compresses with %s, and says so", async (compression, decompressed) => {
  expect(await delivery(null, compression).deliver(batch)).toEqual({ accepted: 3, rejected: 0 });
  const [request] = receiver.received;
  expect(request?.headers).toMatchObject({ "content-encoding": compression });
  expect(decompressed(request?.bytes ?? Buffer.of()).toString()).toBe("one\ntwo\nthree\n");
});

it("says nothing of compression where there is none", async () => {
  await delivery().deliver(batch);
  expect(receiver.received[0]?.headers).not.toHaveProperty("content-encoding");
});

it.each([
  ["no answer", reset],
  ["503", respond(503, "")],
  ["429", respond(429, "")],
  ["a wrong token", respond(401, "")],
  ["an answer of something else", respond(200, "<html>")],
])("sends the same again under the same key after %s", async (_, first) => {
  receiver.answer((response, request) => {
    receiver.answer(stored);
    first(response, request);
  });
  expect(await delivery().deliver(batch)).toEqual({ accepted: 3, rejected: 0 });
  const keys = receiver.received.map(({ headers, body }) => [headers["idempotency-key"], body]);
  expect(keys).toEqual([keys[0], keys[0]]);
  expect(notes).toEqual([
    expect.stringMatching("cannot send, and tries again"),
    "sending works again.",
  ]);
});

it("waits as long as Retry-After says", async () => {
  receiver.answer((response, request) => {
    receiver.answer(stored);
    respond(503, "", { "retry-after": "1" })(response, request);
  });
  await delivery().deliver(batch);
  const [first, second] = receiver.received.map(({ atMs }) => atMs);
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(990);
});

it("gives up waiting when it is told to end, with nothing lost", async () => {
  receiver.answer(respond(503, "", { "retry-after": "3600" }));
  const delivered = delivery().deliver(batch);
  setTimeout(() => stopping.abort(), 100);
  expect(await delivered).toBeNull();
});

it("halves what is refused as a whole until only the line at fault is left out", async () => {
  const sender = delivery();
  await sender.deliver(batch);
  receiver.answer((response, request) => {
    const lines = request.body.trimEnd().split("\n").length;
    const answer = request.body.includes("two")
      ? respond(413, JSON.stringify({ detail: "too large" }))
      : respond(200, JSON.stringify({ accepted: lines, rejected: 0, rejections: [] }));
    answer(response, request);
  });
  expect(await sender.deliver(batch)).toEqual({ accepted: 2, rejected: 1 });
  expect(notes).toEqual(["the line at byte 14 was left out: 413 too large"]);
});

it("ends with the server's sentence when the very first request can never be taken", async () => {
  receiver.answer(respond(400, JSON.stringify({ detail: "?proxy= may have at most 200." })));
  await expect(delivery().deliver(batch)).rejects.toThrow(
    "The server refuses what is sent: 400 ?proxy= may have at most 200.",
  );
});

it("reads its token anew for every request, and names a file that is not there", async () => {
  const folder = await mkdtemp(join(tmpdir(), "viascope-token-"));
  const file = join(folder, "token");
  await expect(delivery(file).deliver(batch)).rejects.toThrow(`The token file ${file} cannot`);
  await writeFile(file, "secret\n");
  await delivery(file).deliver(batch);
  expect(receiver.received[0]?.headers.authorization).toBe("Bearer secret");
  await rm(folder, { recursive: true });
});
