import type { ClientBase } from "pg";

import { bucketStartMs, type Step, type Window } from "#lib/core/bucket.ts";
import {
  cacheCodes,
  errorTypeCodes,
  moduleEndpointCodes,
  sourceCodes,
  tlsReasonCodes,
} from "#lib/core/codes.ts";
import { SumsTotal } from "#lib/core/merge.ts";
import type { NumberedPrefix } from "#lib/core/module-prefix.ts";
import { modulesUnder } from "#lib/db/modules-under.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";

import { Accumulator, type ExchangeFacts } from "./accumulate.ts";
import { appendOpen } from "./append-open.ts";

/** Rows held at a time. */
const fetchedMax = 10_000;

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
  const sumdb = moduleEndpointCodes.codeOf("sumdb");
  await client.query(
    `DECLARE stored NO SCROLL CURSOR FOR
     SELECT (extract(epoch FROM started_at) * 1000000)::int8 AS start_us, duration_us, bytes, proxy_id, status, source,
            error_type, cache, module_endpoint, client_tls_reason
       FROM exchange
      WHERE project_id = $1 AND started_at >= $2 AND started_at < $3 AND block_id < $4 AND module_endpoint <> $5
        AND module_id = ANY (${modulesUnder("$1", "$6")})`,
    [project, new Date(window.fromMs), new Date(window.toMs), blocksBelow, sumdb, prefix.prefix],
  );
  const sums = new Accumulator();
  let exchanges = 0;
  for (;;) {
    const { rows } = await client.query<StoredExchange>(`FETCH ${fetchedMax} FROM stored`);
    for (const row of rows) {
      const source = sourceCodes.wordOf(row.source) ?? "spans";
      sums.addModule(project, source, row.proxy_id, prefix.id, factsOf(row));
    }
    exchanges += rows.length;
    if (rows.length < fetchedMax) break;
  }
  await client.query("CLOSE stored");
  await appendOpen(client, filling.step, widened(sums, filling.step));
  return exchanges;
}

interface StoredExchange {
  readonly start_us: string;
  readonly duration_us: number;
  readonly bytes: number;
  readonly proxy_id: number;
  readonly status: number;
  readonly source: number;
  readonly error_type: number;
  readonly cache: number;
  readonly module_endpoint: number;
  readonly client_tls_reason: number;
}

/** A narrow row as the exchange that it was written from. */
function factsOf(row: StoredExchange): ExchangeFacts {
  const endpoint = moduleEndpointCodes.wordOf(row.module_endpoint);
  return {
    startUs: Number(row.start_us),
    durationUs: measured(row.duration_us),
    bytes: measured(row.bytes),
    status: row.status === 0 ? null : row.status,
    errorType: errorTypeCodes.wordOf(row.error_type),
    cache: cacheCodes.wordOf(row.cache),
    clientTlsReason: tlsReasonCodes.wordOf(row.client_tls_reason),
    module: endpoint === null ? null : { endpoint },
  };
}

function measured(value: number): number | null {
  return value < 0 ? null : value;
}

function widened(sums: Accumulator, step: Step): RollupRow[] {
  const totals = new Map<string, { readonly first: RollupRow; readonly total: SumsTotal }>();
  for (const { project, sums: row } of sums.rows()) {
    const bucketMs = bucketStartMs(row.bucketMs, step);
    const key = `${bucketMs} ${row.source} ${row.proxyId} ${row.detail}`;
    const entry = totals.get(key) ?? {
      first: { ...row, project, bucketMs },
      total: new SumsTotal(),
    };
    entry.total.add(row);
    totals.set(key, entry);
  }
  return [...totals.values()].map(({ first, total }) => ({ ...first, ...total.toSums() }));
}
