import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { RecordRows } from "#lib/core/record-rows.ts";

import { CommitQueue, type CommitQueueOptions } from "./commit-queue.ts";
import type { Prepared } from "./prepared.ts";

class DataError extends Error {}

const options: CommitQueueOptions = {
  writers: 2,
  groupBytesMax: 100,
  retryMsMax: 120,
  commit: () => Promise.resolve(),
  isDataError: (error) => error instanceof DataError,
  onFailure: () => undefined,
  onUnavailable: () => undefined,
};

function request(digest: string, bytes = 1): Prepared {
  return {
    project: 1,
    signal: "traces",
    stream: null,
    payload: new Uint8Array(bytes),
    keepsPayload: true,
    records: 1,
    rows: new RecordRows(0),
    logLines: [],
    points: [],
    digest,
    hasKey: false,
    isUnique: false,
    state: { isSenderGone: false, stored: "unknown" },
    receivedMs: 0,
  };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const names = (requests: readonly Prepared[]): string => requests.map((one) => one.digest).join("");

/** The sizes of the groups of senders that each send so many requests, the next one with the answer to the one before. */
const groupsOf = async (senders: number, rounds: number): Promise<number[]> => {
  const groups: number[] = [];
  const queue = new CommitQueue({
    ...options,
    groupBytesMax: 1_000_000,
    commit: (requests) => {
      groups.push(requests.length);
      return sleep(20);
    },
  });
  const sendAll = async (sender: number): Promise<void> => {
    for (let round = 0; round < rounds; round += 1) {
      await queue.add(request(`${sender}/${round}`));
      // They do not all come back in one turn of the event loop.
      await sleep(sender % 4);
    }
  };
  const sent = Promise.all(Array.from({ length: senders }, (_, sender) => sendAll(sender)));
  await vi.advanceTimersByTimeAsync(10_000);
  await sent;
  return groups;
};

describe("a group", () => {
  it("is all that is queued while the writers are busy, up to its bytes", async () => {
    const groups: string[] = [];
    const queue = new CommitQueue({
      ...options,
      writers: 1,
      commit: (requests) => {
        groups.push(names(requests));
        return Promise.resolve();
      },
    });
    const sizes = [
      ["a", 10],
      ["b", 60],
      ["c", 50],
      ["d", 300],
      ["e", 1],
    ] as const;
    await Promise.all(sizes.map(([digest, bytes]) => queue.add(request(digest, bytes))));
    expect(groups).toEqual(["ab", "c", "d", "e"]);
  });

  it("is committed by no more writers at once than there are", async () => {
    let running = 0;
    let most = 0;
    const queue = new CommitQueue({
      ...options,
      groupBytesMax: 1,
      commit: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running -= 1;
      },
    });
    await Promise.all(Array.from({ length: 10 }, (_, at) => queue.add(request(`${at}`))));
    expect(most).toBe(2);
  });
});

describe("senders that send their next request when one is answered", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("come to be committed in two equal groups by turns", async () => {
    const groups = await groupsOf(24, 20);
    expect(groups.slice(-14, -4)).toEqual(Array(10).fill(12));
  });

  it("are each committed alone when there is one", async () => {
    expect(await groupsOf(1, 3)).toEqual([1, 1, 1]);
  });
});

describe("a request whose data the database refuses", () => {
  it("is refused alone, and the others of its group are stored", async () => {
    const stored: string[] = [];
    const queue = new CommitQueue({
      ...options,
      commit: (requests) => {
        if (names(requests).includes("x")) return Promise.reject(new DataError("no such text"));
        stored.push(...requests.map((one) => one.digest));
        return Promise.resolve();
      },
    });
    const results = await Promise.all(
      "abcxde".split("").map((digest) => queue.add(request(digest))),
    );
    expect(results.map(({ kind }) => kind)).toEqual([
      "stored",
      "stored",
      "stored",
      "refused",
      "stored",
      "stored",
    ]);
    expect(stored.toSorted((a, b) => a.localeCompare(b))).toEqual(["a", "b", "c", "d", "e"]);
  });
});

describe("a database that is away", () => {
  it("is tried again, and the requests are stored when it is back", async () => {
    let failures = 2;
    const queue = new CommitQueue({
      ...options,
      commit: () => {
        failures -= 1;
        return failures >= 0 ? Promise.reject(new Error("away")) : Promise.resolve();
      },
    });
    expect(await queue.add(request("a"))).toEqual({ kind: "stored" });
  });

  it("makes requests unavailable after a while, and every failure is told", async () => {
    let told = 0;
    const queue = new CommitQueue({
      ...options,
      commit: () => Promise.reject(new Error("away")),
      onFailure: () => {
        told += 1;
      },
    });
    const results = await Promise.all([queue.add(request("a")), queue.add(request("b"))]);
    expect(results.map(({ kind }) => kind)).toEqual(["unavailable", "unavailable"]);
    expect(told).toBeGreaterThan(1);
  });
});

it("is drained when nothing is queued or being committed", async () => {
  const ended: string[] = [];
  const queue = new CommitQueue({
    ...options,
    groupBytesMax: 1,
    commit: async (requests) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      ended.push(names(requests));
    },
  });
  const all = ["a", "b", "c", "d"].map((digest) => queue.add(request(digest)));
  await queue.drained();
  expect(ended).toHaveLength(4);
  await Promise.all(all);
});
