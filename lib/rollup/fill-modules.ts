import type { ClientBase } from "pg";

import type { Step, Window } from "#lib/core/bucket.ts";
import { moduleEndpointCodes, sourceCodes } from "#lib/core/codes.ts";
import type { NumberedPrefix } from "#lib/core/module-prefix.ts";
import type { ExchangeField, Records } from "#lib/core/record-columns.ts";
import { append } from "#lib/db/appends.ts";
import { modulesUnder } from "#lib/db/modules-under.ts";
import { lookInto, storedExchanges } from "#lib/db/segments.ts";
import { LeftOut } from "#lib/telemetry/left-out.ts";

import { Accumulator, type ExchangeFacts } from "./accumulate.ts";
import { RollupTotals } from "./rollup-totals.ts";

export interface ModuleFilling {
  readonly project: number;
  readonly prefix: NumberedPrefix;
  /** Of exchanges that began within it. */
  readonly window: Window;
  /** Only of blocks below this one: later ones are counted as they come in. */
  readonly blocksBelow: number;
  /** The width of the buckets that the sums go into; coarser ones follow from them. */
  readonly step: Step;
}

/** Sums the stored exchanges of the modules under a prefix, within the caller's transaction; gives how many there were. */
export async function fillModules(client: ClientBase, filling: ModuleFilling): Promise<number> {
  const { project, prefix, window, blocksBelow } = filling;
  const modules = await modulesUnder(client, project, prefix.prefix);
  const sums = new Accumulator();
  let exchanges = 0;
  const query = { project, ...window, blocksBelow, leaveOut: new LeftOut().add };
  for await (const segment of storedExchanges(client, query)) {
    lookInto(segment, query, () => {
      const { records } = segment;
      for (let at = 0; at < records.length; at += 1) {
        if (!isWithin(records, at, window, modules)) continue;
        const source = sourceCodes.wordOf(records.column("source")[at] ?? 0) ?? "spans";
        const proxyId = records.column("proxyId")[at] ?? 0;
        sums.addModule(project, source, proxyId, prefix.id, factsOf(records, at));
        exchanges += 1;
      }
    });
  }
  const totals = new RollupTotals(filling.step);
  for (const { sums: row } of sums.rows()) totals.add({ ...row, project });
  await append(client, (to) => totals.addTo(to));
  return exchanges;
}

const sumdbCode = moduleEndpointCodes.codeOf("sumdb");

function isWithin(
  records: Records<ExchangeField>,
  at: number,
  { fromMs, toMs }: Window,
  modules: ReadonlySet<number>,
): boolean {
  const us = records.startUs[at] ?? 0;
  if (us < fromMs * 1_000 || us >= toMs * 1_000) return false;
  return (
    records.column("moduleEndpoint")[at] !== sumdbCode &&
    modules.has(records.column("moduleId")[at] ?? 0)
  );
}

/** A stored record as the exchange that it was written from. */
function factsOf(records: Records<ExchangeField>, at: number): ExchangeFacts {
  const numberOf = (field: ExchangeField): number => records.column(field)[at] ?? 0;
  return {
    startUs: records.startUs[at] ?? 0,
    durationUs: numberOf("durationUs"),
    bytes: numberOf("bytes"),
    status: numberOf("status"),
    errorType: numberOf("errorType"),
    cache: numberOf("cache"),
    tlsReason: numberOf("clientTlsReason"),
    moduleEndpoint: numberOf("moduleEndpoint"),
  };
}
