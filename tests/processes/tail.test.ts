import { appendFile, copyFile, mkdtemp, rename, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";

import type { Window } from "#lib/core/bucket.ts";
import { queryProxies } from "#lib/query/proxies.ts";

import { testDatabase, type TestDatabase } from "../postgres/harness.ts";
import { IngestProcess } from "./ingest-process.ts";
import { lineOf } from "./numbered-load.ts";
import { storedNumbers } from "./stored-numbers.ts";
import { TailProcess } from "./tail-process.ts";

let test: TestDatabase;
let ingest: IngestProcess;
let folder: string;
let tail: TailProcess;
let last = 0;

beforeAll(async () => {
  test = await testDatabase();
  ingest = await IngestProcess.on(test.url);
  await ingest.start();
});
afterAll(async () => {
  await ingest.stop();
  await test.drop();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "viascope-tail-"));
  tail = tailOf("*.log", join(folder, "checkpoint", "tail.json"));
});
afterEach(async () => {
  await tail.kill();
  await rm(folder, { recursive: true });
});

function tailOf(pattern: string, checkpoint: string, ...more: readonly string[]): TailProcess {
  const target = ["--to", ingest.url, "--proxy", "edge", "--format", "nginx"];
  return new TailProcess([...target, "--checkpoint", checkpoint, ...more, join(folder, pattern)]);
}

/** How many requests of a proxy are stored in a window, as soon as they are so many. */
async function requestsOf(proxy: string, wanted: number, window: Window): Promise<number> {
  for (const untilMs = Date.now() + 20_000; ;) {
    const proxies = await queryProxies(test.database, { project: 1, window });
    const requests = proxies.find((one) => one.proxy === proxy)?.requests ?? 0;
    if (requests >= wanted || Date.now() > untilMs) return requests;
    await sleep(200);
  }
}

/** A numbered line of several pieces. */
function long(line: string): string {
  return line.replace(" HTTP", `?${"x".repeat(40_000)} HTTP`);
}

/** A line as docker's json-file driver writes it: in pieces of at most 16 KiB. */
function dockerPieces(line: string, stream = "stdout"): string[] {
  const pieces = `${line}\n`.match(/[^]{1,16384}/g) ?? [];
  const time = new Date().toISOString();
  return pieces.map((log) => `${JSON.stringify({ log, stream, time })}\n`);
}

/** Appends so many new lines to a file; gives their numbers. */
async function write(file: string, count: number): Promise<number[]> {
  const numbers = Array.from({ length: count }, () => (last += 1));
  await appendFile(join(folder, file), numbers.map((number) => `${lineOf(number)}\n`).join(""));
  return numbers;
}

const allOnce = { missing: [], twice: [] };

/** Waits until the numbers are stored, and tells of those that are not, or that are twice. */
async function fateOf(numbers: readonly number[], waitMs = 20_000) {
  const wanted = new Set(numbers);
  const untilMs = Date.now() + waitMs;
  for (;;) {
    const found = (await storedNumbers(test.database)).filter((number) => wanted.has(number));
    const stored = new Set(found);
    const missing = [...wanted].filter((number) => !stored.has(number));
    if (missing.length === 0 || Date.now() > untilMs) {
      return { missing: missing.slice(0, 9), twice: repeated(found).slice(0, 9) };
    }
    await sleep(200);
  }
}

function repeated(numbers: readonly number[]): number[] {
  const seen = new Set<number>();
  return numbers.filter((number) => seen.size === seen.add(number).size);
}

it("has every line once through rotation by rename, and what the writer still adds to the old file", async () => {
  const numbers = await write("access.log", 500);
  await tail.start();
  for (let rotation = 1; rotation <= 3; rotation += 1) {
    numbers.push(...(await write("access.log", 300)));
    await rename(join(folder, "access.log"), join(folder, `access.log.${rotation}`));
    numbers.push(...(await write(`access.log.${rotation}`, 100)));
    numbers.push(...(await write("access.log", 100)));
    // A file that is named and renamed between two looks is found only by a pattern of its later names too.
    expect(await fateOf(numbers)).toEqual(allOnce);
    numbers.push(...(await write(`access.log.${rotation}`, 50)));
  }
  expect(await fateOf(numbers)).toEqual(allOnce);
});

it("has every line once through rotation by copy and truncation, also where the copy is followed too", async () => {
  const numbers = await write("access.log", 500);
  await tail.start();
  for (let rotation = 1; rotation <= 4; rotation += 1) {
    numbers.push(...(await write("access.log", 400)));
    await copyFile(join(folder, "access.log"), join(folder, `access.${rotation}.log`));
    await truncate(join(folder, "access.log"));
    // More than before, so that its size does not tell that it was emptied.
    numbers.push(...(await write("access.log", 1_000 + 500 * rotation)));
    await sleep(rotation * 300);
  }
  expect(await fateOf(numbers)).toEqual(allOnce);
});

it("takes up files that come later, and waits for the end of a line that is not whole", async () => {
  await tail.start();
  const numbers = await write("late.log", 10);
  expect(await fateOf(numbers)).toEqual(allOnce);
  const number = (last += 1);
  const line = lineOf(number);
  await appendFile(join(folder, "late.log"), line.slice(0, 20));
  await sleep(1_200);
  await appendFile(join(folder, "late.log"), `${line.slice(20)}\r\n`);
  expect(await fateOf([...numbers, number])).toEqual(allOnce);
});

it("has every line once however often it is killed, with rotations while it is dead", async () => {
  tail = tailOf("*.log*", join(folder, "checkpoint", "tail.json"));
  const numbers: number[] = [];
  const writing = new AbortController();
  const rotate = async (turn: number) => {
    if (turn % 25 === 0) {
      await rename(join(folder, "access.log"), join(folder, `access.log.${turn}`));
    }
    if (turn % 40 === 0) {
      await copyFile(join(folder, "second.log"), join(folder, `second.log.${turn}`));
      await truncate(join(folder, "second.log"));
    }
  };
  const writer = (async () => {
    for (let turn = 1; !writing.signal.aborted; turn += 1) {
      numbers.push(...(await write("access.log", 40)));
      numbers.push(...(await write("second.log", 15)));
      await rotate(turn);
      await sleep(10);
    }
  })();
  for (let kill = 0; kill < 8; kill += 1) {
    await tail.start();
    await sleep(120 + 90 * kill);
    await tail.kill();
    await sleep(kill * 40);
  }
  await tail.start();
  writing.abort();
  await writer;
  expect(numbers.length).toBeGreaterThan(3_000);
  expect(await fateOf(numbers)).toEqual(allOnce);
});

it("has every line of a container once, whole where docker cut it, also while the rest of one is still to come", async () => {
  const beganMs = Date.now();
  const lines = Array.from({ length: 60 }, (_, at) => {
    const line = lineOf((last += 1));
    return at % 3 === 0 ? long(line) : line;
  });
  const file = join(folder, "container-json.log");
  const target = ["--to", ingest.url, "--proxy", "container", "--compression", "gzip"];
  tail = new TailProcess([...target, "--checkpoint", join(folder, "tail.json"), file]);
  await appendFile(file, lines.flatMap((line) => dockerPieces(line)).join(""));
  await tail.start();
  const [first = "", ...rest] = dockerPieces(long(lineOf((last += 1))));
  await appendFile(file, first);
  await appendFile(file, dockerPieces(lineOf((last += 1)), "stderr").join(""));
  await sleep(1_200);
  await appendFile(file, rest.join(""));
  const window = { fromMs: beganMs - 60_000, toMs: Date.now() + 60_000 };
  expect(await requestsOf("container", 62, window)).toBe(62);
  await tail.stop();
  expect(tail.notes).toContain("62 lines stored, 0 refused.");
});

it("reads times that name no zone by the clock of --tz", async () => {
  const file = join(folder, "haproxy.log");
  const atMs = Date.now() - 1_000;
  const target = [
    "--to",
    ingest.url,
    "--proxy",
    "zone",
    "--tz",
    "Asia/Tokyo",
    "--format",
    "haproxy",
  ];
  await appendFile(file, `${haproxyLine(atMs + 9 * 3_600_000)}\n`);
  tail = new TailProcess([...target, "--checkpoint", join(folder, "tail.json"), file]);
  await tail.start();
  const window = { fromMs: atMs - 60_000, toMs: atMs + 60_000 };
  expect(await requestsOf("zone", 1, window)).toBe(1);
});

function haproxyLine(wallMs: number): string {
  const [, day, month, year, time] = new Date(wallMs).toUTCString().split(" ");
  const said = `${day}/${month}/${year}:${time}.000`;
  return `192.0.2.7:33317 [${said}] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {} "GET /a HTTP/1.1"`;
}

it("waits while the server is away, and has every line once when it is back", async () => {
  const numbers = await write("access.log", 200);
  await tail.start();
  expect(await fateOf(numbers)).toEqual(allOnce);
  await ingest.kill();
  numbers.push(...(await write("access.log", 20_000)));
  await sleep(1_500);
  expect(tail.notes).toContain("cannot send, and tries again");
  await ingest.start();
  expect(await fateOf(numbers)).toEqual(allOnce);
  expect(tail.notes).toContain("sending works again");
});

it("has every line once when the server is killed while it sends", async () => {
  await tail.start();
  const numbers: number[] = [];
  for (let kill = 0; kill < 4; kill += 1) {
    numbers.push(...(await write("access.log", 5_000)));
    await sleep(300 + 100 * kill);
    await ingest.kill();
    await ingest.start();
  }
  expect(await fateOf(numbers)).toEqual(allOnce);
});

it("ends at SIGTERM where it later goes on, and with --once when all whole lines are sent", async () => {
  const numbers = await write("access.log", 50);
  await tail.start();
  expect(await fateOf(numbers)).toEqual(allOnce);
  expect(await tail.stop()).toBe(0);
  numbers.push(...(await write("access.log", 50)));
  await tail.start();
  expect(await fateOf(numbers)).toEqual(allOnce);
  const others = await write("once.txt", 30);
  await appendFile(join(folder, "once.txt"), lineOf((last += 1)));
  const once = tailOf("once.txt", join(folder, "once.json"), "--once");
  await once.start();
  expect(await once.ended()).toBe(0);
  expect(once.notes).toContain("30 lines stored, 0 refused.");
  expect(await fateOf(others)).toEqual(allOnce);
});
