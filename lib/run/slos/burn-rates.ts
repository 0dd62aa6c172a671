import type { SloAnswer } from "#lib/contract/slos.ts";
import { burnFactor, burnRowsFor } from "#lib/core/burn-rule.ts";
import { nominalSeconds } from "#lib/core/slo-definition.ts";
import { burnOf } from "#lib/core/slo.ts";
import type { Database } from "#lib/db/open.ts";
import { countedMs, querySloEvents } from "#lib/query/slo-events.ts";

import { eventsIn, questionOf, stretchOf, type SloPlace } from "./standing.ts";

/** How fast the budget burns over the windows of every row of the table that means something for this objective. */
export async function readBurnRates(
  db: Database,
  place: SloPlace,
): Promise<SloAnswer["burnRates"]> {
  const { definition } = place.slo;
  const windowSeconds = nominalSeconds(definition.window);
  const rows = burnRowsFor(definition.objectivePpm, windowSeconds);
  const burns = new Map<number, number | null>();
  for (const seconds of new Set(rows.flatMap((row) => [row.longSeconds, row.shortSeconds]))) {
    burns.set(seconds, await readBurn(db, place, seconds));
  }
  return rows.map((row) => ({
    severity: row.severity,
    longSeconds: row.longSeconds,
    shortSeconds: row.shortSeconds,
    factor: burnFactor(row, windowSeconds),
    long: burns.get(row.longSeconds) ?? null,
    short: burns.get(row.shortSeconds) ?? null,
  }));
}

async function readBurn(db: Database, place: SloPlace, seconds: number): Promise<number | null> {
  const { slo, watermarkMs, modules } = place;
  const window = { fromMs: watermarkMs - seconds * 1000, toMs: watermarkMs };
  // A burn rate over less than its window reads worse than it is.
  if (modules !== null && modules.fromMs > window.fromMs) return null;
  const question = questionOf(place, window);
  const stretchSeconds = Math.min(stretchOf(slo.definition), seconds);
  const stretches = await querySloEvents(db, question, stretchSeconds);
  const elapsedMs = countedMs(question);
  const { events } = eventsIn(slo.definition, stretches, { elapsedMs, periodMs: elapsedMs });
  return burnOf(slo.definition.objectivePpm, events);
}
