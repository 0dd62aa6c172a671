import { migrationState } from "#lib/db/migration-state.ts";
import { openDatabase, type Database } from "#lib/db/open.ts";
import { closeBuckets } from "#lib/rollup/close.ts";
import { forgetTransitions } from "#lib/store/evaluations.ts";
import { log } from "#lib/telemetry/log.ts";
import { metrics } from "#lib/telemetry/metrics.ts";
import { inSpan } from "#lib/telemetry/trace.ts";

import { certificateGuards, checkCertificates, listCertificates } from "./check-certificates.ts";
import { ModuleCounting } from "./count-modules.ts";
import { currentProject } from "./current-project.ts";
import { deliverer } from "./deliver.ts";
import { RuleEvaluation } from "./evaluate-rules.ts";
import { OwnStateReader } from "./evaluate-rules/own-state.ts";
import { forgetOperations } from "./forget-operations.ts";
import { keepOf } from "./keep-of.ts";
import { loadRuleFiles } from "./load-rule-files.ts";
import { mergeSmallBlocks } from "./merge-blocks.ts";
import { mergeTraceIndex } from "./merge-traces.ts";
import { knownMetricsTokens, metricsReader } from "./metrics-reader.ts";
import { noteBudgetStates } from "./note-budget-states.ts";
import { readDiskRoom } from "./operations/disk.ts";
import { ProcessReport } from "./process-report.ts";
import { retain } from "./retain.ts";
import type { RoleSettings, RunningRole } from "./role.ts";
import { scraperFor } from "./scrape.ts";
import { serveMetrics } from "./serve-metrics.ts";
import { sweepWaiting } from "./sweep-waiting.ts";

/** Timelines of alerts are kept as long as the hours of rollups. */
const transitionsKeptMs = 395 * 86_400_000;
/** Work that is done again and again; each kind runs alone, and a failure waits for the next turn. */
interface Chore {
  readonly name: string;
  readonly everyMs: number;
  readonly run: (nowMs: number) => Promise<unknown>;
}

/** Closes buckets, joins late spans, keeps partitions; any number of workers may run. */
export async function runWorkerRole(settings: RoleSettings): Promise<RunningRole> {
  const database = await openDatabase({
    url: settings.databaseUrl,
    poolSize: 8,
    applicationName: "viascope-worker",
  });
  const { retention } = settings;
  const keep = keepOf(retention);
  const notifications = deliverer(database, settings);
  const project = await currentProject();
  const modules = moduleCounting(database, project, retention);
  const evaluation = evaluationOf(database, project, settings);
  const scraper = scraperFor(database, project, settings);
  const chores: readonly Chore[] = [
    { name: "close-buckets", everyMs: 2_000, run: (now) => closeBuckets(database, now, keep) },
    { name: "deliver", everyMs: 1_000, run: (now) => notifications.run(now) },
    {
      name: "load-rule-files",
      everyMs: 5_000,
      run: () => loadRuleFiles(database, project, settings.rulesDir),
    },
    { name: "evaluate-rules", everyMs: 5_000, run: (now) => evaluation.evaluate(now) },
    ...certificateChores(database, project, settings),
    {
      name: "note-budget-states",
      everyMs: 300_000,
      run: (nowMs) => noteBudgetStates(database, { project, nowMs, keep }),
    },
    { name: "count-modules", everyMs: 2_000, run: (now) => modules.run(now) },
    ...forgettingChores(database, project, retention),
    ...traceChores(database),
    { name: "scrape", everyMs: 1_000, run: (now) => scraper.run(now) },
    { name: "retain", everyMs: 600_000, run: (now) => retain(database, now, retention) },
  ];
  await retain(database, Date.now(), retention);
  const stopping = new AbortController();
  const running = chores.map((chore) => repeat(chore, stopping.signal));
  const variable = "VIASCOPE_WORKER_PORT";
  const health = await serveMetrics(
    { host: settings.host, port: settings.workerPort, variable },
    {
      ready: async () => (await migrationState(database)) === "current",
      mayRead: metricsReader(settings, knownMetricsTokens(database)),
    },
  );
  const report = new ProcessReport(database, "worker", metrics).start();
  return {
    ports: { [variable]: health.port },
    async stop() {
      stopping.abort();
      await Promise.all(running);
      await notifications.settle();
      await scraper.settle();
      await health.close();
      await report.stop();
      await database.close();
    },
  };
}

function moduleCounting(
  db: Database,
  project: number,
  { traces, accessLogs }: RoleSettings["retention"],
): ModuleCounting {
  // Where only some of the records are left, they would count as all.
  const keptMs = Math.min(traces, accessLogs) * 86_400_000;
  return new ModuleCounting(db, { project, keptMs });
}

function evaluationOf(db: Database, project: number, settings: RoleSettings): RuleEvaluation {
  const { retention, databaseUrl } = settings;
  const diskRoom = () => readDiskRoom(db, databaseUrl);
  const own = new OwnStateReader({ db, retention, diskRoom });
  return new RuleEvaluation(db, { project, keep: keepOf(retention), own });
}

function forgettingChores(
  database: Database,
  project: number,
  { operations }: RoleSettings["retention"],
): Chore[] {
  return [
    {
      name: "forget-transitions",
      everyMs: 3_600_000,
      run: (now) => forgetTransitions(database, project, now - transitionsKeptMs),
    },
    {
      name: "forget-operations",
      everyMs: 3_600_000,
      run: (now) => forgetOperations(database, now, operations),
    },
  ];
}

function traceChores(db: Database): Chore[] {
  return [
    { name: "merge-traces", everyMs: 2_000, run: (now) => mergeTraceIndex(db, now) },
    { name: "merge-blocks", everyMs: 60_000, run: (now) => mergeSmallBlocks(db, metrics, now) },
    { name: "sweep-waiting", everyMs: 30_000, run: (now) => sweepWaiting(db, now) },
  ];
}

function certificateChores(db: Database, project: number, settings: RoleSettings): Chore[] {
  const checks = {
    db,
    project,
    keep: keepOf(settings.retention),
    targets: settings.certificateTargets,
    upstreams: settings.certificateUpstreams,
    guardOf: certificateGuards(settings.probeAllow),
    random: Math.random,
  };
  return [
    { name: "list-certificates", everyMs: 300_000, run: (now) => listCertificates(checks, now) },
    { name: "check-certificates", everyMs: 5_000, run: (now) => checkCertificates(checks, now) },
  ];
}

async function repeat(chore: Chore, stopping: AbortSignal): Promise<void> {
  const labels = { chore: chore.name };
  const seconds = metrics.counter(
    "viascope_worker_seconds_total",
    "Time spent on each chore.",
    labels,
  );
  const failures = metrics.counter(
    "viascope_worker_failures_total",
    "Chores that failed; they run again in their next turn.",
    labels,
  );
  while (!stopping.aborted) {
    const begun = performance.now();
    try {
      await inSpan(`worker.${chore.name}`, {}, () => chore.run(Date.now()));
    } catch (error) {
      failures.add(1);
      log.error({ err: error, chore: chore.name }, "a chore failed");
    }
    seconds.add((performance.now() - begun) / 1000);
    await pause(chore.everyMs, stopping);
  }
}

function pause(ms: number, stopping: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      stopping.removeEventListener("abort", done);
      resolve();
    }
    stopping.addEventListener("abort", done);
    if (stopping.aborted) done();
  });
}
