import { setTimeout as sleep } from "node:timers/promises";

import {
  addDigests,
  adoptRequests,
  isDigestTaken,
  shortDigest,
  storedRequests,
  type RequestDigest,
  type StoredRequest,
} from "#lib/store/request-digests.ts";

import { commitGroup, type CommitContext } from "./commit-group.ts";
import type { Prepared } from "./prepared.ts";
import { rememberMs, type StoredBodies } from "./stored-bodies.ts";

const triesMax = 20;
const lookEveryMs = 250;
/** A process that lives tells within this time that it has given an answer (AnswerReport). */
const answerToldMs = 3_000;
/** Within this time it also tells what it could not while the database was away. */
const toldAfterMs = 1_250;

export interface OnceContext extends CommitContext {
  /** This process among those that ever were. */
  readonly process: number;
  /** Now, as this process has told that it stores something. */
  readonly atMs: number;
  readonly bodies: StoredBodies;
  /** Told how many requests are left out, as they are stored already. */
  readonly onResent: (requests: number) => void;
}

export interface OnceOptions {
  /** When the request was stored, as other processes are told; after its sender could first have sent it. */
  readonly atMs: (request: Prepared) => number;
  /** As `BeforeCommit` of a group, with the requests that are in it. */
  readonly beforeCommit: (blockId: number, requests: readonly Prepared[]) => void | Promise<void>;
}

/**
 * Commits a group without the requests that another commit has stored, of this process or of any other: those are
 * requests whose sender sent them again, and they are acknowledged like the rest. Gives those that it committed.
 */
export async function commitOnce(
  context: OnceContext,
  requests: readonly Prepared[],
  { atMs, beforeCommit }: OnceOptions,
): Promise<readonly Prepared[]> {
  /** Stored with an answer that arrived: an equal body is another one, and the table has its row. */
  const answered = new Set<string>();
  markRepeated(requests);
  for (let tries = 1; ; tries += 1) {
    const open = requests.filter(isToStore);
    await adopt(context, requests);
    try {
      if (open.length > 0) {
        const digests = digestsOf(open, answered, { process: context.process, atMs });
        await commitGroup(context, open, {
          first: (to) => addDigests(to, digests),
          beforeCommit: (blockId) => beforeCommit(blockId, open),
        });
      }
      if (open.length < requests.length) context.onResent(requests.length - open.length);
      return open;
    } catch (error) {
      if (!isDigestTaken(error)) throw error;
      if (tries === triesMax) throw new Error("stored elsewhere over and over", { cause: error });
    }
    await judge(context, open, answered);
  }
}

function isToStore({ state }: Prepared): boolean {
  return state.stored === "unknown";
}

/**
 * Notes that we answer for requests that are stored already. An equal body that comes after our answer is another one;
 * where this fails, it is taken for the same, and where it is done again, nothing changes.
 */
async function adopt(context: OnceContext, requests: readonly Prepared[]): Promise<void> {
  const adopted = requests.filter(
    ({ isUnique, state }) => !isUnique && state.stored === "unanswered",
  );
  await adoptRequests(context.db, adopted, context);
}

/**
 * Finds which of the requests are stored already, and notes it in them, so that they are known when the group is tried
 * again; the keys of others, whose equals were answered, are added to `answered`.
 */
async function judge(
  context: OnceContext,
  requests: readonly Prepared[],
  answered: Set<string>,
): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    const stored = await storedRequests(context.db, requests);
    const byKey = new Map(stored.map((one) => [keyOf(one), one]));
    const found = requests.flatMap((request) => {
      const one = byKey.get(keyOf(request));
      const verdict = one && verdictOf(context, request, one, waitedMs);
      return verdict === undefined ? [] : { request, verdict };
    });
    if (waitedMs < answerToldMs && found.some(({ verdict }) => verdict === "open")) {
      await sleep(lookEveryMs);
      continue;
    }
    for (const { request, verdict } of found) {
      if (verdict === "another") answered.add(keyOf(request));
      else request.state.stored = verdict === "answered" ? "answered" : "unanswered";
    }
    return;
  }
}

/**
 * Whether a request that equals a stored one is that one, sent again, or that one, which was sent again and answered
 * while we had it; open while the other process may yet tell.
 */
function verdictOf(
  { process, bodies, nowMs }: OnceContext,
  request: Prepared,
  stored: StoredRequest,
  waitedMs: number,
): "same" | "answered" | "another" | "open" {
  if (request.isUnique || bodies.has(request.digest)) return "same";
  if (Math.abs(request.receivedMs - stored.atMs) > rememberMs) return "another";
  if (stored.answer === "arrived" || stored.process === process) {
    // Nobody was told that we have it, so whoever sent it sent it again to be told.
    return request.state.isSenderGone ? "answered" : "another";
  }
  if (stored.answer === "lost") return "same";
  // A process that has not told of it for as long is gone.
  return waitedMs >= toldAfterMs && nowMs() - stored.atMs > answerToldMs ? "same" : "open";
}

/**
 * Notes in a request that is in the group twice that the later one stands for it: one that can only be one, or one whose
 * sender lost patience while it waited, and sent it again.
 */
function markRepeated(requests: readonly Prepared[]): void {
  const seen = new Set<string>();
  for (const request of requests.toReversed()) {
    const key = keyOf(request);
    const { isUnique, state } = request;
    if (seen.has(key) && (isUnique || state.isSenderGone)) state.stored = "answered";
    seen.add(key);
  }
}

/** What is noted of the requests; of equal ones, one. */
function digestsOf(
  requests: readonly Prepared[],
  answered: ReadonlySet<string>,
  { process, atMs }: { process: number; atMs: OnceOptions["atMs"] },
): RequestDigest[] {
  const noted = new Set(answered);
  return requests.flatMap((request) => {
    const key = keyOf(request);
    if (noted.has(key)) return [];
    noted.add(key);
    const { project, digest, hasKey } = request;
    return { project, digest, process: hasKey ? 0 : process, atMs: atMs(request) };
  });
}

function keyOf({ project, digest }: Pick<RequestDigest, "project" | "digest">): string {
  return `${project} ${shortDigest(digest)}`;
}
