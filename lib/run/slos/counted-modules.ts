import type { SloDefinition } from "#lib/core/slo-definition.ts";
import type { Database } from "#lib/db/open.ts";
import { loadModulePrefixes } from "#lib/store/module-prefixes.ts";

/** How the requests of the modules that an objective names are counted. */
export interface CountedModules {
  /** The number of the prefix; one that nothing has when it is not counted yet. */
  readonly prefixId: number;
  /** From when on requests are counted. */
  readonly fromMs: number;
  /** Whether requests from before the objective are still being counted. */
  readonly isFilling: boolean;
}

const notCounted: CountedModules = { prefixId: -1, fromMs: Infinity, isFilling: true };

/** Tells of definitions how their modules are counted: null for those that name none. */
export async function readCountedModules(
  db: Database,
  project: number,
): Promise<(definition: Pick<SloDefinition, "module">) => CountedModules | null> {
  const stored = await loadModulePrefixes(db, project);
  const counted = new Map(
    stored.map(({ id, prefix, countedFromMs, filledFromMs, filled }) => {
      const fromMs = Math.min(countedFromMs, filledFromMs);
      return [prefix, { prefixId: id, fromMs, isFilling: !filled }];
    }),
  );
  return ({ module }) => (module === null ? null : (counted.get(module) ?? notCounted));
}
