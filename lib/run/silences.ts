import { randomUUID } from "node:crypto";

import { matcher, type NewSilence, type Silence } from "#lib/contract/silences.ts";
import type { Database } from "#lib/db/open.ts";
import { problemOfMatcher } from "#lib/notify/matchers.ts";
import {
  expireSilence,
  loadSilences,
  upsertSilence,
  type StoredSilence,
} from "#lib/store/silences.ts";

import { CommandRefused } from "./command-refused.ts";

/** Silences that ended longer ago than this are no longer listed. */
const endedMsMax = 5 * 86_400_000;

/** The silences that hold, that will, and that ended in the last days. */
export async function readSilences(
  db: Database,
  project: number,
  nowMs: number,
): Promise<Silence[]> {
  const stored = await loadSilences(db, project, nowMs - endedMsMax);
  return stored.map((one) => silenceOf(one, nowMs));
}

/** Begins a silence. */
export async function createSilence(
  db: Database,
  project: number,
  wanted: NewSilence,
  nowMs: number,
): Promise<Silence> {
  return save(db, project, randomUUID(), wanted, nowMs);
}

/** Changes a silence that has not ended. */
export async function changeSilence(
  db: Database,
  project: number,
  id: string,
  wanted: NewSilence,
  nowMs: number,
): Promise<Silence> {
  const open = await loadSilences(db, project, nowMs);
  if (!open.some((one) => one.id === id)) {
    throw new CommandRefused(404, "There is no silence of this id that has not ended.");
  }
  return save(db, project, id, wanted, nowMs);
}

/** Ends a silence; it stays in the list with its end. */
export async function endSilence(
  db: Database,
  project: number,
  id: string,
  nowMs: number,
): Promise<void> {
  if (await expireSilence(db, project, id, nowMs)) return;
  throw new CommandRefused(404, "There is no silence of this id that has not ended.");
}

async function save(
  db: Database,
  project: number,
  id: string,
  wanted: NewSilence,
  nowMs: number,
): Promise<Silence> {
  const problem = wanted.matchers.map(problemOfMatcher).find((sentence) => sentence !== null);
  if (problem !== undefined) throw new CommandRefused(400, problem);
  const { matchers, author, reason } = wanted;
  const startsAtMs = Date.parse(wanted.startsAt);
  const endsAtMs = Date.parse(wanted.endsAt);
  if (endsAtMs <= nowMs) throw new CommandRefused(400, "A silence ends in the future.");
  const one: StoredSilence = { id, matchers, startsAtMs, endsAtMs, author, reason };
  await upsertSilence(db, project, one);
  return silenceOf(one, nowMs);
}

function silenceOf(one: StoredSilence, nowMs: number): Silence {
  const ended = one.endsAtMs <= nowMs;
  return {
    id: one.id,
    matchers: matcher.array().parse(one.matchers),
    startsAt: new Date(one.startsAtMs).toISOString(),
    endsAt: new Date(one.endsAtMs).toISOString(),
    author: one.author,
    reason: one.reason,
    state: ended ? "expired" : one.startsAtMs > nowMs ? "pending" : "active",
  };
}
