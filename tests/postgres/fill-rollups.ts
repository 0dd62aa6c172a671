import { SketchSum } from "#lib/core/sketch.ts";
import { zeroCounts, type Subject } from "#lib/core/sums.ts";
import type { Database } from "#lib/db/open.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { appendOpen } from "#lib/rollup/append-open.ts";
import { Names } from "#lib/store/names.ts";

/** Sums of one bucket of 10 s in the few words that tests need. */
export interface Filling {
  readonly atMs: number;
  readonly requests: number;
  readonly errors?: number;
  readonly latencyMs?: number;
  readonly proxy?: string;
  /** Attempts at it, instead of exchanges of the proxy. */
  readonly upstream?: string;
}

/** Writes sums as ingest does, without telemetry behind them. */
export async function fillRollups(
  db: Database,
  project: number,
  fillings: readonly Filling[],
): Promise<void> {
  const names = new Names(db, () => undefined);
  const rows: RollupRow[] = [];
  for (const filling of fillings) rows.push(await rowOf(names, project, filling));
  await inTransaction(db, (client) => appendOpen(client, 10, rows));
}

async function rowOf(names: Names, project: number, filling: Filling): Promise<RollupRow> {
  const { atMs, requests, errors = 0, latencyMs = 20, proxy = "edge", upstream } = filling;
  const proxyId = (await names.resolve(project, "proxy", [proxy])).get(proxy) ?? 0;
  const upstreams = upstream === undefined ? [] : [upstream];
  const upstreamIds = await names.resolve(project, "upstream", upstreams);
  const latency = new SketchSum();
  for (let place = 0; place < requests; place += 1) latency.add(latencyMs * 1_000);
  const subject: Subject = upstream === undefined ? "exchange" : "attempt";
  return {
    project,
    bucketMs: Math.floor(atMs / 10_000) * 10_000,
    source: "spans",
    subject,
    proxyId,
    upstreamId: upstreamIds.get(upstream ?? "") ?? 0,
    peerId: 0,
    detail: "",
    counts: { ...zeroCounts(), requests, errors },
    statuses: new Map([
      [200, requests - errors],
      [500, errors],
    ]),
    latency: latency.toSketch(),
    lastMs: atMs,
  };
}
