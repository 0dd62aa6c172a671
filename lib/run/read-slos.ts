import type { SloAnswer, SloItem } from "#lib/contract/slos.ts";
import type { KeepMs } from "#lib/core/keep.ts";
import type { Database } from "#lib/db/open.ts";
import { querySloSpenders } from "#lib/query/slo-spenders.ts";
import { queryWatermark } from "#lib/query/watermark.ts";
import { loadAlerts } from "#lib/store/alerts.ts";
import { loadCorrections, type StoredCorrection } from "#lib/store/slos.ts";

import { slosInForce, type SloInForce } from "./slos-in-force.ts";
import { readBurnRates } from "./slos/burn-rates.ts";
import { readCountedModules } from "./slos/counted-modules.ts";
import { readHistory } from "./slos/history.ts";
import { rememberedStanding } from "./slos/remembered-standing.ts";
import { questionOf, type SloPlace } from "./slos/standing.ts";

interface Asked {
  readonly project: number;
  readonly nowMs: number;
  readonly keep: KeepMs | undefined;
}

/** Every objective with how it stands. */
export async function readSlos(db: Database, asked: Asked): Promise<SloItem[]> {
  const { project, nowMs } = asked;
  const [slos, facts, firing] = await Promise.all([
    slosInForce(db, project),
    readFacts(db, project, nowMs),
    firingBySlo(db, project),
  ]);
  const items: SloItem[] = [];
  for (const slo of slos) {
    const place = placeOf(asked, slo, facts);
    const standing = place === null ? null : await rememberedStanding(db, place);
    items.push(itemOf(slo, standing?.status ?? null, firing));
  }
  return items;
}

/** One objective with everything that its page shows; null when there is none of this key. */
export async function readSlo(db: Database, asked: Asked, key: string): Promise<SloAnswer | null> {
  const { project, nowMs } = asked;
  const slo = (await slosInForce(db, project)).find((one) => one.key === key);
  if (slo === undefined) return null;
  const [facts, firing] = await Promise.all([
    readFacts(db, project, nowMs),
    firingBySlo(db, project),
  ]);
  const place = placeOf(asked, slo, facts);
  const own = facts.corrections.filter(({ sloKey }) => sloKey === key);
  const listed = { corrections: own.map(correctionOf) };
  if (place === null) {
    const nothing = {
      burnRates: [],
      burnDown: [],
      spenders: [],
      recordsFrom: null,
      unreadable: 0,
      history: [],
    };
    return { ...itemOf(slo, null, firing), ...nothing, ...listed };
  }
  const standing = await rememberedStanding(db, place);
  const counted = { fromMs: standing.window.fromMs, toMs: standing.countedToMs };
  const { spenders, recordsFromMs, unreadable } = await querySloSpenders(
    db,
    questionOf(place, counted),
  );
  return {
    ...itemOf(slo, standing.status, firing),
    burnRates: await readBurnRates(db, place),
    burnDown: standing.burnDown,
    spenders: [...spenders],
    recordsFrom: recordsFromMs === null ? null : new Date(recordsFromMs).toISOString(),
    unreadable,
    history: await readHistory(db, place),
    ...listed,
  };
}

async function readFacts(db: Database, project: number, nowMs: number) {
  const [corrections, watermarkMs, modulesOf] = await Promise.all([
    loadCorrections(db, project),
    queryWatermark(db, project, nowMs),
    readCountedModules(db, project),
  ]);
  return { corrections, watermarkMs, modulesOf };
}

function placeOf(
  { project, keep, nowMs }: Asked,
  slo: SloInForce,
  { corrections, watermarkMs, modulesOf }: Awaited<ReturnType<typeof readFacts>>,
): SloPlace | null {
  if (watermarkMs === null) return null;
  const excluded = corrections.filter(({ sloKey }) => sloKey === slo.key);
  const modules = modulesOf(slo.definition);
  return { project, keep, nowMs, slo, excluded, watermarkMs, modules };
}

function itemOf(
  { key, origin, definition }: SloInForce,
  status: SloItem["status"],
  firing: ReadonlyMap<string, number>,
): SloItem {
  const labels = { ...definition.labels };
  return {
    key,
    origin,
    definition: { ...definition, labels },
    status,
    firing: firing.get(key) ?? 0,
  };
}

async function firingBySlo(db: Database, project: number): Promise<Map<string, number>> {
  const firing = new Map<string, number>();
  for (const { labels, memory } of await loadAlerts(db, project)) {
    const slo = labels["slo"];
    if (slo === undefined || !["firing", "recovering"].includes(memory.state)) continue;
    firing.set(slo, (firing.get(slo) ?? 0) + 1);
  }
  return firing;
}

function correctionOf(one: StoredCorrection): SloAnswer["corrections"][number] {
  return {
    id: one.id,
    from: new Date(one.fromMs).toISOString(),
    to: new Date(one.toMs).toISOString(),
    reason: one.reason,
    author: one.author,
    createdAt: new Date(one.createdAtMs).toISOString(),
  };
}
