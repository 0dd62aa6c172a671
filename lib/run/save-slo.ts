import type { SloDefinition } from "#lib/core/slo-definition.ts";
import type { Database } from "#lib/db/open.ts";
import { readyMadeSlos } from "#lib/rules/ready-made-slos.ts";
import { deleteCorrection, deleteSlo, insertCorrection, upsertSlo } from "#lib/store/slos.ts";

import { CommandRefused } from "./command-refused.ts";
import { slosInForce, type SloInForce } from "./slos-in-force.ts";

/** Adds an objective; it is judged from the next evaluation on. */
export async function createSlo(
  db: Database,
  project: number,
  key: string,
  definition: SloDefinition,
): Promise<void> {
  const slos = await slosInForce(db, project);
  if (key === "openslo" || slos.some((slo) => slo.key === key)) {
    throw new CommandRefused(409, `The key ${key} is taken: choose another.`);
  }
  refuseTooManyModules(slos, [{ key, definition }]);
  await upsertSlo(db, project, key, definition);
}

/** Changes an objective, also a ready-made one. */
export async function changeSlo(
  db: Database,
  project: number,
  key: string,
  definition: SloDefinition,
): Promise<void> {
  await refuseUnknown(db, project, key);
  refuseTooManyModules(await slosInForce(db, project), [{ key, definition }]);
  await upsertSlo(db, project, key, definition);
}

/** Deletes an objective; its alerts are resolved with the reason. */
export async function removeSlo(db: Database, project: number, key: string): Promise<void> {
  await refuseUnknown(db, project, key);
  // A row without a definition keeps a ready-made one from coming back.
  if (readyMadeSlos.some((slo) => slo.key === key)) await upsertSlo(db, project, key, null);
  else await deleteSlo(db, project, key);
}

/** A stretch of time that is not to count. */
export interface WantedCorrection {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly author: string;
}

/** Takes a stretch of time out of an objective, and gives the id of the correction. */
export async function addCorrection(
  db: Database,
  project: number,
  sloKey: string,
  { from, to, reason, author }: WantedCorrection,
): Promise<string> {
  const slo = await refuseUnknown(db, project, sloKey);
  if (slo.origin === "ready-made") await upsertSlo(db, project, sloKey, slo.definition);
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  return insertCorrection(db, project, { sloKey, fromMs, toMs, reason, author });
}

/** Lets a stretch of time count again. */
export async function removeCorrection(
  db: Database,
  project: number,
  sloKey: string,
  id: string,
): Promise<void> {
  if (await deleteCorrection(db, project, sloKey, id)) return;
  throw new CommandRefused(404, "There is no such correction.");
}

/** Every prefix is looked for in every request, and brings sums of its own. */
const modulePrefixesMax = 20;

/** Throws when objectives would name too many module prefixes once the changed ones are stored. */
export function refuseTooManyModules(
  slos: readonly SloInForce[],
  changed: readonly Pick<SloInForce, "key" | "definition">[],
): void {
  const keys = new Set(changed.map(({ key }) => key));
  const all = [...slos.filter(({ key }) => !keys.has(key)), ...changed];
  const prefixes = new Set(all.map(({ definition: { module } }) => module));
  prefixes.delete(null);
  if (prefixes.size <= modulePrefixesMax || changed.every((one) => one.definition.module === null))
    return;
  throw new CommandRefused(
    409,
    `Objectives may name ${modulePrefixesMax} different module prefixes, and would name ${prefixes.size}: use one that is named already, or delete an objective.`,
  );
}

async function refuseUnknown(db: Database, project: number, key: string) {
  const slo = (await slosInForce(db, project)).find((one) => one.key === key);
  if (slo === undefined) throw new CommandRefused(404, "There is no such objective.");
  return slo;
}
