import { gzipSync } from "node:zlib";

import protobuf from "protobufjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryProxies } from "#lib/query/proxies.ts";
import { accessBy } from "#lib/receive/access.ts";
import { createReceiver, type Receiver } from "#lib/receive/receiver.ts";
import { openIngest } from "#lib/run/ingest.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";

const project = 1;
const nowMs = Date.UTC(2026, 10, 20, 22, 30);
const window = { fromMs: nowMs - 3_600_000, toMs: nowMs + 3_600_000 };
const limits = { bodyBytesMax: 100_000, heldBytesSoft: 1e6, heldBytesHard: 2e6, holdMsMax: 200 };
let test: TestDatabase;
let receiver: Receiver;
let url: string;

beforeAll(async () => {
  test = await testDatabase();
  const metrics = createMetrics();
  const ingest = await openIngest(test.database, { project, metrics, nowMs: () => nowMs });
  receiver = createReceiver({
    intake: ingest.intake,
    host: "127.0.0.1",
    port: 0,
    limits,
    access: accessBy({ token: null, project }),
    metrics,
    ready: () => Promise.resolve(true),
    onError: () => {},
  });
  const { port } = await receiver.listen();
  url = `http://127.0.0.1:${port}/loki/api/v1/push`;
});
afterAll(async () => {
  await receiver.close();
  await test.drop();
});

async function push(headers: Record<string, string>, body: Uint8Array<ArrayBuffer> | string) {
  const response = await fetch(url, { method: "POST", headers, body });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

async function requestsOf(proxy: string): Promise<number> {
  const proxies = await queryProxies(test.database, { project, window });
  return proxies.find((one) => one.proxy === proxy)?.requests ?? 0;
}

const protobufHeaders = { "content-type": "application/x-protobuf" };
const jsonHeaders = { "content-type": "application/json" };
/** {filename="/var/log/nginx/access.log", host="edge-1", job="nginx"}, six lines, structured metadata; compressed by Snappy itself. */
const asPromtailSends = Buffer.from(
  "hgfwQAqDBwpCe2ZpbGVuYW1lPSIvdmFyL2xvZy9uZ2lueC9hY2Nlc3MubG9nIiwgaG9zdD0iZWRnZS0xIiwgam9iPSJuASfwmiJ9EpQBCgsI/ImD2AYQlZrvOhJ0MTkyLjAuMi43IC0gLSBbMjAvTm92LzIwMjY6MjI6MDk6MDAgKzAwMDBdICJHRVQgL3JzYy5pby9xdW90ZS9Adi92MS41LjAuemlwIEhUVFAvMS4xIiAyMDAgNSAiLSIgIkdvLWh0dHAtY2xpZW50LzIuMCIaDwoIdHJhY2VfaWQSA2FiYxKDAZcA/bKXAAAxipcAEDEuemlwopcABBKDAYYA/rKGAAAyioYAADLKhgAA/7KGAAAzioYAADPKhgAEgIquKQIANIqGAAA0yoYAAIGyhgAANYqGAAA1soYAJBiVgqbvx56EkRE=",
  "base64",
);

function line(second: number, path = "/a"): string {
  const time = `20/Nov/2026:22:09:${`${second}`.padStart(2, "0")} +0000`;
  return `192.0.2.7 - - [${time}] "GET ${path} HTTP/1.1" 200 5 "-" "curl/8"`;
}

const ns = (second: number) => `${Date.UTC(2026, 10, 20, 22, 9, second)}000000`;

describe("a push of Loki", () => {
  it("as promtail and Alloy send it is answered with 204, and its lines are requests of the proxy that its labels name", async () => {
    const answer = await push(protobufHeaders, asPromtailSends);
    expect(answer).toMatchObject({ status: 204, text: "" });
    expect(answer.headers.get("content-length")).toBeNull();
    expect(await requestsOf("nginx")).toBe(6);
  });

  it("as Vector sends it says that it is Snappy", async () => {
    const headers = { ...protobufHeaders, "content-encoding": "snappy" };
    const body = pushOf([{ labels: '{app="vector-edge"}', lines: [line(1)] }]);
    expect(await push(headers, body)).toMatchObject({ status: 204 });
    expect(await requestsOf("vector-edge")).toBe(1);
  });

  it.each([
    ["plain", {}, (text: string) => text],
    ["with gzip", { "content-encoding": "gzip" }, (text: string) => gzipSync(text)],
  ])("in JSON is taken %s, with structured metadata", async (name, headers, compressed) => {
    const stream = { proxy: `json ${name}`, host: "a" };
    const values = [
      [ns(1), line(1), { trace_id: "0102" }],
      [ns(2), line(2)],
    ];
    const text = JSON.stringify({ streams: [{ stream, values }] });
    expect(await push({ ...jsonHeaders, ...headers }, compressed(text))).toMatchObject({
      status: 204,
    });
    expect(await requestsOf(`json ${name}`)).toBe(2);
  });

  it("gives the lines of each proxy to that proxy, by the first label that names one, and dates what has no date", async () => {
    const streams = [
      { labels: '{service_name="one", job="x"}', lines: [line(1), line(2)] },
      { labels: '{service_name="one", level="warn"}', lines: [line(3)] },
      { labels: '{container="two"}', lines: [line(4)] },
      { labels: '{job="athens", format="athens"}', lines: [undated] },
      { labels: "{}", lines: [`${line(5)}\n`] },
    ];
    expect(await push(protobufHeaders, pushOf(streams))).toMatchObject({ status: 204 });
    const found = await Promise.all(["one", "two", "athens", "loki"].map(requestsOf));
    expect(found).toEqual([3, 1, 1, 1]);
    const minute = { fromMs: Date.UTC(2026, 10, 20, 22, 9), toMs: Date.UTC(2026, 10, 20, 22, 10) };
    const proxies = await queryProxies(test.database, { project, window: minute });
    expect(proxies.find(({ proxy }) => proxy === "athens")?.requests).toBe(1);
  });

  it.each([
    ["no push", protobufHeaders, Buffer.from("0a00", "hex"), 400, /no block of Snappy/],
    ["a claim of 4 GiB", protobufHeaders, Buffer.from("ffffffff0f00", "hex"), 400, /claims more/],
    ["a bomb", protobufHeaders, bomb(), 413, /larger than 100000 bytes/],
    ["broken protobuf", protobufHeaders, snapped(Buffer.from("0aff", "hex")), 400, /protobuf/],
    ["broken labels", protobufHeaders, pushOf([{ labels: "{a=b}", lines: [] }]), 400, /labels/],
    ["gzip for Snappy", { ...protobufHeaders, "content-encoding": "gzip" }, "", 415, /Snappy/],
    ["no JSON", jsonHeaders, "{", 400, /no push of Loki/],
    ["a time that is a number", jsonHeaders, entry([1, "x"]), 400, /nanoseconds/],
    ["a line that is none", jsonHeaders, entry(["1", 2]), 400, /nanoseconds/],
    ["another type", { "content-type": "text/plain" }, "x", 415, /Content-Type/],
  ])("with %s is refused in a sentence, as text", async (_, headers, body, status, sentence) => {
    const answer = await push(headers, body);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(sentence);
    expect(answer.headers.get("content-type")).toMatch("text/plain");
  });
});

const undated =
  "INFO[22:09AM]: incoming request\thttp-method=GET http-path=/a/@v/list http-status=200";

function entry(value: readonly unknown[]): string {
  return JSON.stringify({ streams: [{ stream: { a: "b" }, values: [value] }] });
}

interface Stream {
  readonly labels: string;
  readonly lines: readonly string[];
}

/** A block that would be 110,000 bytes: a byte, and copies of it. */
function bomb(): Buffer<ArrayBuffer> {
  const copies = Array.from({ length: 1_719 }, () => [0xfe, 1, 0]).flat();
  return Buffer.from([0xb0, 0xdb, 0x06, 0, 0x61, ...copies]);
}

function pushOf(streams: readonly Stream[]): Buffer<ArrayBuffer> {
  const { root } = protobuf.parse(`syntax = "proto3";
    message Timestamp { int64 seconds = 1; int32 nanos = 2; }
    message Pair { string name = 1; string value = 2; }
    message Entry { Timestamp timestamp = 1; string line = 2; repeated Pair metadata = 3; }
    message Stream { string labels = 1; repeated Entry entries = 2; uint64 hash = 3; }
    message Push { repeated Stream streams = 1; }`);
  const seconds = Date.UTC(2026, 10, 20, 22, 9, 30) / 1_000;
  const message = {
    streams: streams.map(({ labels, lines }) => ({
      labels,
      hash: 7,
      entries: lines.map((text, at) => ({
        timestamp: { seconds: seconds + at, nanos: 123_456_789 },
        line: text,
        metadata: [{ name: "k", value: "v" }],
      })),
    })),
  };
  return snapped(root.lookupType("Push").encode(message).finish());
}

/** A block of Snappy that holds the bytes as literals. */
function snapped(bytes: Uint8Array): Buffer<ArrayBuffer> {
  const last = bytes.length - 1;
  const varint = [
    (bytes.length & 127) | 128,
    ((bytes.length >> 7) & 127) | 128,
    bytes.length >> 14,
  ];
  return Buffer.from([...varint, 61 << 2, last & 255, last >> 8, ...bytes]);
}
