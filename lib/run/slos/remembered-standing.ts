import type { Database } from "#lib/db/open.ts";

import { readStanding, type SloPlace, type Standing } from "./standing.ts";

interface Remembered {
  readonly text: string;
  readonly standing: Promise<Standing>;
}

/** The last standing of each objective; what it is reckoned from moves on once a minute. */
const known = new WeakMap<Database, Map<string, Remembered>>();

/** How an objective stands, reckoned once a minute however often it is asked for. */
export function rememberedStanding(db: Database, place: SloPlace): Promise<Standing> {
  const standings = known.get(db) ?? new Map<string, Remembered>();
  known.set(db, standings);
  const { slo, nowMs, excluded, watermarkMs, project, keep, modules } = place;
  const key = `${project} ${slo.key}`;
  const minute = Math.floor(nowMs / 60_000);
  const text = JSON.stringify([slo, excluded, watermarkMs, minute, keep, modules]);
  const before = standings.get(key);
  if (before?.text === text) return before.standing;
  const standing = readStanding(db, place);
  standings.set(key, { text, standing });
  // What failed is asked again.
  standing.catch(() => standings.delete(key));
  return standing;
}
