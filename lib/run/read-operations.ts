import { readSettings } from "#lib/config/settings.ts";
import type { OperationsAnswer, ProcessItem, SenderItem } from "#lib/contract/operations.ts";
import type { Window } from "#lib/core/bucket.ts";
import { storedKinds } from "#lib/core/stored-kind.ts";
import type { Database } from "#lib/db/open.ts";
import { querySetAside } from "#lib/query/blocks-aside.ts";
import { queryOperations } from "#lib/query/operations.ts";
import { isAlive, queryProcesses, type ProcessFacts } from "#lib/query/processes.ts";
import { querySenders, type SenderFacts } from "#lib/query/senders.ts";

import { readDisk } from "./operations/disk.ts";
import { historyOf, type HistoryWindow } from "./operations/history.ts";

const skewFreshMs = 300_000;
const warnMs = 1_000;
const badMs = 5_000;
const sendersShown = 200;
const bucketsMax = 120;
/** A minute is told by then. */
const toldAfterMs = 15_000;
const diskCachedMs = 60_000;

/** What an operator must know of this installation itself. */
export async function readOperations(
  db: Database,
  project: number,
  asked: Window,
  nowMs: number,
): Promise<OperationsAnswer> {
  const window = historyWindow(asked, nowMs);
  const [buckets, processes, senders, disk, blocksAside] = await Promise.all([
    queryOperations(db, window, window.stepSeconds),
    queryProcesses(db),
    querySenders(db, project, nowMs, sendersShown),
    diskOf(db, nowMs),
    querySetAside(db, project),
  ]);
  return {
    window: {
      from: new Date(window.fromMs).toISOString(),
      to: new Date(window.toMs).toISOString(),
      stepSeconds: window.stepSeconds,
    },
    ...historyOf(buckets, window),
    processes: processes.map((one) => processItemOf(one, nowMs)),
    unreadable: unreadableOf(processes.filter((one) => isAlive(one, nowMs))),
    senders: {
      items: senders.items.map((one) => senderItemOf(one, nowMs)),
      total: senders.total,
    },
    ...disk,
    blocksAside,
  };
}

const steps = [60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];

/** Whole minutes that were told already, in at most so many buckets. */
function historyWindow(asked: Window, nowMs: number): HistoryWindow {
  const { operations } = readSettings().retention;
  const oldestMs = nowMs - operations * 86_400_000;
  const toldMs = Math.floor((Math.min(asked.toMs, nowMs) - toldAfterMs) / 60_000) * 60_000;
  const fromMs = Math.min(Math.max(asked.fromMs, oldestMs), toldMs - 60_000);
  const stepSeconds =
    steps.find((step) => (toldMs - fromMs) / (step * 1_000) <= bucketsMax) ?? 86_400;
  const stepMs = stepSeconds * 1_000;
  return { fromMs: Math.floor(fromMs / stepMs) * stepMs, toMs: toldMs, stepSeconds };
}

let measured: { readonly atMs: number; readonly disk: ReturnType<typeof readDisk> } | null = null;

/** Sizes of files are asked for once a minute, whoever looks. */
function diskOf(db: Database, nowMs: number): ReturnType<typeof readDisk> {
  if (measured === null || nowMs - measured.atMs >= diskCachedMs) {
    const { databaseUrl, retention } = readSettings();
    const disk = readDisk(db, { databaseUrl: databaseUrl ?? "", retention }, nowMs);
    measured = { atMs: nowMs, disk };
    disk.catch(() => (measured = null));
  }
  return measured.disk;
}

function processItemOf(facts: ProcessFacts, nowMs: number): ProcessItem {
  return {
    role: facts.role,
    host: facts.host,
    version: facts.version,
    startedAt: facts.startedAt.toISOString(),
    seenAt: facts.seenAt.toISOString(),
    alive: isAlive(facts, nowMs),
    memoryBytes: facts.gauges["process_resident_memory_bytes {}"] ?? null,
    spool: spoolOf(facts.gauges),
  };
}

/** Each process finds the same rows when it is asked for them, so theirs are not added up. */
function unreadableOf(processes: readonly ProcessFacts[]): OperationsAnswer["unreadable"] {
  return storedKinds.flatMap((kind) => {
    const key = `viascope_unreadable_rows ${JSON.stringify({ kind })}`;
    const rows = Math.max(0, ...processes.map(({ gauges }) => gauges[key] ?? 0));
    return rows === 0 ? [] : [{ kind, rows }];
  });
}

function spoolOf(gauges: ProcessFacts["gauges"]): ProcessItem["spool"] {
  const { "viascope_spool_bytes {}": bytes, "viascope_spool_bytes_max {}": bytesMax } = gauges;
  return bytes === undefined || bytesMax === undefined ? null : { bytes, bytesMax };
}

function senderItemOf(facts: SenderFacts, nowMs: number): SenderItem {
  const fresh = facts.skewAt !== null && nowMs - facts.skewAt.getTime() <= skewFreshMs;
  const clockAheadMs = fresh ? facts.skewMs : null;
  return {
    proxy: facts.proxy,
    instance: facts.instance === "" ? null : facts.instance,
    token: facts.token,
    address: facts.address,
    heardAt: facts.heardAt.toISOString(),
    clockAheadMs,
    clock: clockState(clockAheadMs),
  };
}

function clockState(aheadMs: number | null): SenderItem["clock"] {
  if (aheadMs === null) return "unknown";
  const off = Math.abs(aheadMs);
  if (off > badMs) return "bad";
  return off > warnMs ? "warn" : "good";
}
