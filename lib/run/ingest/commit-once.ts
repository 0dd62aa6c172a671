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
  let open = withoutRepeated(requests);
  for (let tries = 1; open.length > 0; tries += 1) {
    const digests = digestsOf(open, answered, { process: context.process, atMs });
    try {
      await commitGroup(context, open, {
        first: (to) => addDigests(to, digests),
        beforeCommit: (blockId) => beforeCommit(blockId, open),
      });
      break;
    } catch (error) {
      if (!isDigestTaken(error)) throw error;
      if (tries === triesMax) throw new Error("stored elsewhere over and over", { cause: error });
    }
    const resent = await judge(context, open, answered);
    // An equal body that comes after our answer is another one.
    const adopted = [...resent].filter(
      ({ isUnique, answer }) => !isUnique && !answer.givenElsewhere,
    );
    await adoptRequests(context.db, adopted, context);
    open = open.filter((request) => !resent.has(request));
  }
  if (open.length < requests.length) context.onResent(requests.length - open.length);
  return open;
}

/**
 * Finds the requests that are stored already; the keys of others, whose equals were answered, are added to `answered`.
 * Notes in a request whose sender is gone that it had its answer elsewhere.
 */
async function judge(
  context: OnceContext,
  requests: readonly Prepared[],
  answered: Set<string>,
): Promise<ReadonlySet<Prepared>> {
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    const stored = await storedRequests(context.db, requests);
    const byKey = new Map(stored.map((one) => [keyOf(one), one]));
    const found = requests.flatMap((request) => {
      const one = byKey.get(keyOf(request));
      return one === undefined ? [] : { request, verdict: verdictOf(context, request, one) };
    });
    if (waitedMs < answerToldMs && found.some(({ verdict }) => verdict === "open")) {
      await sleep(lookEveryMs);
      continue;
    }
    for (const { request, verdict } of found) {
      if (verdict === "another") answered.add(keyOf(request));
      if (verdict === "answered") request.answer.givenElsewhere = true;
    }
    return new Set(
      found.filter(({ verdict }) => verdict !== "another").map(({ request }) => request),
    );
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
): "same" | "answered" | "another" | "open" {
  if (request.isUnique || bodies.has(request.digest)) return "same";
  if (Math.abs(request.receivedMs - stored.atMs) > rememberMs) return "another";
  if (stored.answer === "arrived" || stored.process === process) {
    // Nobody was told that we have it, so whoever sent it sent it again to be told.
    return request.answer.lost ? "answered" : "another";
  }
  // A process that has not told of it for as long is gone.
  return stored.answer === "lost" || nowMs() - stored.atMs > answerToldMs ? "same" : "open";
}

/**
 * Without a request that is in the group twice: one that can only be one, or one whose sender lost patience while it
 * waited, and sent it again.
 */
function withoutRepeated(requests: readonly Prepared[]): readonly Prepared[] {
  const seen = new Set<string>();
  const repeated = new Set<Prepared>();
  // From the last, which is the one that is still waited for.
  for (const request of requests.toReversed()) {
    const key = keyOf(request);
    if (seen.has(key) && (request.isUnique || request.answer.lost)) {
      request.answer.givenElsewhere = true;
      repeated.add(request);
    }
    seen.add(key);
  }
  return requests.filter((request) => !repeated.has(request));
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
