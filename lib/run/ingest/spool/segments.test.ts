import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { RecordRows } from "#lib/core/record-rows.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import type { Prepared } from "../prepared.ts";
import { abandonedFolders, claim, claimFolder } from "./claim-folder.ts";
import { Progress } from "./progress.ts";
import { Replay, type Store } from "./replay.ts";
import { Segments } from "./segments.ts";
import { spoolCounters } from "./spool-counters.ts";

let folder: string;
const errors: unknown[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "viascope-segments-"));
  errors.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

function request(digest: string): Prepared {
  return {
    project: 1,
    signal: "traces",
    stream: null,
    payload: Buffer.from(`payload of ${digest}`),
    keepsPayload: true,
    records: 1,
    rows: new RecordRows(0),
    logLines: [],
    points: [],
    digest,
    hasKey: false,
    isUnique: false,
    state: { isSenderGone: false, stored: "unknown" },
    receivedMs: 5,
  };
}

function opened(bytesMax = 1 << 20) {
  return Segments.open({ folder, bytesMax, onDiskError: (error) => errors.push(error) });
}

/** A spool in which requests of these digests were written, and whose process ended. */
async function written(...digests: string[]): Promise<string> {
  const { segments } = await opened();
  for (const digest of digests) {
    expect(await segments.append({ prepared: request(digest), blocks: [] })).toBe("written");
  }
  await segments.close();
  const [name] = spoolFiles(".spool");
  return join(folder, name ?? "");
}

function spoolFiles(suffix: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(suffix));
}

async function digestsIn(segments: Segments): Promise<string[]> {
  const oldest = await segments.oldest();
  return Array.from(oldest?.scan ?? [], ({ record }) => record.prepared.digest);
}

describe("segments", () => {
  it("give back what was written, in its order, to the process that comes after", async () => {
    await written("a", "b", "c");
    const { segments, tornBytes } = await opened();
    const oldest = await segments.oldest();
    expect(Array.from(oldest?.scan ?? [], ({ record }) => record.prepared)).toEqual(
      ["a", "b", "c"].map(request),
    );
    expect([tornBytes, segments.isEmpty]).toEqual([0, false]);
    await segments.remove(oldest?.name ?? "");
    expect([segments.isEmpty, spoolFiles("")]).toEqual([true, []]);
  });

  it("lose a record that was cut at any byte, and no other", async () => {
    const path = await written("a", "b");
    const whole = readFileSync(path);
    const first = [...((await (await opened()).segments.oldest())?.scan ?? [])][0]?.end ?? 0;
    for (let length = first + 1; length < whole.length; length += 7) {
      writeFileSync(path, whole);
      truncateSync(path, length);
      const { segments, tornBytes } = await opened();
      expect([await digestsIn(segments), tornBytes]).toEqual([["a"], length - first]);
    }
  });

  it("step over a record in which any byte is another", async () => {
    const path = await written("a", "b", "c");
    const whole = readFileSync(path);
    const [, b] = (await (await opened()).segments.oldest())?.scan ?? [];
    for (let at = b?.start ?? 0; at < (b?.end ?? 0); at += 5) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      writeFileSync(path, damaged);
      expect(await digestsIn((await opened()).segments)).toEqual(["a", "c"]);
    }
  });

  it("take no more than their bytes", async () => {
    const { segments } = await opened(600);
    const results = await Promise.all(
      ["a", "b", "c", "d", "e", "f"].map((digest) =>
        segments.append({ prepared: request(digest), blocks: [] }),
      ),
    );
    expect(new Set(results)).toEqual(new Set(["written", "full"]));
    expect(segments.bytes).toBeLessThanOrEqual(600);
    await segments.close();
  });
});

describe("a replay", () => {
  it("stores what can be read of a damaged segment, sets it aside, and goes on with the next", async () => {
    const path = await written("a", "b");
    const bytes = readFileSync(path);
    bytes.fill(0, 20, 30);
    writeFileSync(path, bytes);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { segments } = await opened();
    await segments.append({ prepared: request("c"), blocks: [] });
    const { stored, metrics } = await replayed(segments);
    expect(stored).toEqual(["b", "c"]);
    expect(spoolFiles(".aside")).toHaveLength(1);
    expect(metrics.text()).toMatch(/damaged_bytes_total\{kind="set_aside"\} [1-9]/);
  });

  it("skips what a commit stored whose answer was lost, and what it stored itself before it was killed", async () => {
    const { segments } = await opened();
    await segments.append({ prepared: request("a"), blocks: [] });
    await segments.append({ prepared: request("b"), blocks: [7, 8] });
    const first = await replayed(segments, { stored: [8], failAfterCommit: true });
    expect(first.stored).toEqual(["a"]);
    // The commit of "a" was made; that it was never heard of is what the note on disk is for.
    const second = await replayed((await opened()).segments, { stored: [8, first.block] });
    expect(second.stored).toEqual([]);
    expect(spoolFiles(".spool")).toEqual([]);
  });

  it("drops no other request with one that the database refuses for its data", async () => {
    const { segments } = await opened();
    for (const digest of ["a", "bad", "c"]) {
      await segments.append({ prepared: request(digest), blocks: [] });
    }
    const { stored, metrics } = await replayed(segments);
    expect(stored).toEqual(["a", "c"]);
    expect(metrics.text()).toContain('requests_total{outcome="refused"} 1');
    expect(spoolFiles(".aside")).toHaveLength(1);
  });
});

interface Past {
  readonly stored?: readonly number[];
  /** The first commit is made, and its answer is lost. */
  readonly failAfterCommit?: boolean;
}

class DataError extends Error {}

async function replayed(segments: Segments, { stored = [], failAfterCommit = false }: Past = {}) {
  const found: string[] = [];
  const metrics = createMetrics();
  const progress = await Progress.open(folder);
  const ended = Promise.withResolvers<void>();
  let block = 100;
  const store: Store = {
    check: () => (segments.isEmpty ? Promise.resolve(ended.resolve()) : Promise.resolve()),
    async commit(requests, beforeCommit) {
      if (requests.some(({ digest }) => digest === "bad")) throw new DataError("no such text");
      block += 1;
      await beforeCommit(block);
      found.push(...requests.map(({ digest }) => digest));
      if (!failAfterCommit) return;
      ended.resolve();
      throw new Error("the connection is gone");
    },
    stored: (blocks) => Promise.resolve(new Set(blocks.filter((one) => stored.includes(one)))),
    isDataError: (error) => error instanceof DataError,
  };
  const parts = { segments, progress, store, counters: spoolCounters(metrics) };
  const replay = new Replay(parts, () => undefined);
  replay.start();
  await ended.promise;
  await replay.stop();
  await progress.close();
  return { stored: found, metrics, block };
}

describe("a folder", () => {
  it("is one process's own as long as that lives", async () => {
    const first = await claimFolder(folder);
    const second = await claimFolder(folder);
    expect([first.folder, second.folder]).toEqual([join(folder, "0"), join(folder, "1")]);
    await first.release();
    const third = await claimFolder(folder);
    expect(third.folder).toBe(join(folder, "0"));
    await Promise.all([second.release(), third.release()]);
  });

  it("is given to one of many that ask at once, also where one was killed", async () => {
    const asked = () => Promise.all(Array.from({ length: 8 }, () => claimFolder(folder)));
    const before = await asked();
    expect(new Set(before.map((one) => one.folder)).size).toBe(8);
    await Promise.all(before.map((one) => one.release()));
    // What a process leaves that was killed between two steps.
    writeFileSync(join(folder, "0", "new-1a2b3c4d"), "");
    const after = await asked();
    expect(new Set(after.map((one) => one.folder)).size).toBe(8);
    await Promise.all(after.map((one) => one.release()));
    const left = readdirSync(join(folder, "0"));
    expect(left).toEqual([expect.stringMatching(/^claim-\d+$/)]);
  });

  it("is abandoned when requests wait in it and no process has it", async () => {
    const [empty, living, left] = [
      await claimFolder(folder),
      await claimFolder(folder),
      await claimFolder(folder),
    ];
    for (const { folder: own } of [living, left]) {
      const { segments } = await Segments.open({
        folder: own,
        bytesMax: 10_000,
        onDiskError: (error) => errors.push(error),
      });
      await segments.append({ prepared: request("a"), blocks: [] });
      await segments.close();
    }
    expect(await abandonedFolders(folder)).toEqual([]);
    await Promise.all([empty.release(), left.release()]);
    expect(await abandonedFolders(folder)).toEqual([left.folder]);
    const again = await claim(left.folder);
    expect(await claim(left.folder)).toBeNull();
    expect(await abandonedFolders(folder)).toEqual([]);
    await again?.release();
    await living.release();
  });
});
