import { setTimeout as sleep } from "node:timers/promises";

import { Random } from "../load/random.ts";
import type { Scenario } from "../load/scenarios.ts";
import type { SendingResult } from "../load/sending.ts";
import { quantile, type Figures } from "./figures.ts";
import { startReader } from "./reader.ts";
import { Resources, type ResourcesUsed } from "./resources.ts";
import { startStack, type Stack, type StackOptions } from "./stack.ts";
import { bytesByTable, storedSince } from "./stored.ts";

export interface Run extends StackOptions {
  readonly scenario: Scenario;
  readonly seconds: number;
  readonly seed: number;
  /** Whether a reader asks the dashboard's questions meanwhile. */
  readonly isRead: boolean;
}

const mebibyte = 1024 * 1024;
const lookMs = 500;
/** So long nothing more may come for what was sent to be given up as lost. */
const patienceMs = 15_000;

/** Runs a scenario once against a Viascope that is started for it, and tells what came of it. */
export async function measure(run: Run): Promise<Figures> {
  const stack = await startStack(run);
  try {
    const before = await bytesByTable(stack.db);
    const reader = run.isRead ? startReader(portOf(stack, "PORT")) : null;
    const resources = new Resources(stack);
    const begunMs = Date.now();
    const sent = await send(stack, run, begunMs);
    if (!run.scenario.isAcknowledged) await untilStored(stack, run, begunMs, sent);
    const seconds = (Date.now() - begunMs) / 1000;
    const used = resources.used();
    const reading = await reader?.stop();
    const stored = run.scenario.storedRecords(await storedSince(stack.db, begunMs));
    const accepted = (sent.requests - sent.refused) * run.scenario.recordsPerRequest;
    const records = run.scenario.isAcknowledged ? accepted : stored;
    return {
      recordsPerSecond: records / seconds,
      storedShare: stored / accepted,
      refusedRequests: sent.refused,
      ...answerFigures(sent),
      ...resourceFigures(used, records),
      ...(await diskFigures(stack, before, records)),
      ...Object.fromEntries(
        Object.entries(reading ?? {}).flatMap(([name, { msP50, msP95 }]) => [
          [`readMsP50.${name}`, msP50],
          [`readMsP95.${name}`, msP95],
        ]),
      ),
    };
  } finally {
    await stack.stop();
  }
}

function send(
  stack: Stack,
  { scenario, seconds, seed }: Run,
  begunMs: number,
): Promise<SendingResult> {
  return scenario.send({
    port: portOf(stack, scenario.port),
    path: scenario.path,
    headers: scenario.headers,
    connections: scenario.connections,
    streams: scenario.streams,
    untilMs: begunMs + seconds * 1000,
    bodies: scenario.bodies(new Random(seed)),
  });
}

/** Waits until all that was sent is stored, or no more comes. */
async function untilStored(
  stack: Stack,
  { scenario }: Run,
  begunMs: number,
  sent: SendingResult,
): Promise<void> {
  const awaited = sent.requests * scenario.recordsPerRequest;
  let stored = -1;
  for (let grownMs = Date.now(); Date.now() - grownMs < patienceMs; await sleep(lookMs)) {
    const now = scenario.storedRecords(await storedSince(stack.db, begunMs));
    if (now >= awaited) return;
    if (now > stored) grownMs = Date.now();
    stored = now;
  }
}

function answerFigures({ latenciesMs }: SendingResult): Figures {
  if (latenciesMs.length === 0) return {};
  return {
    answerMsP50: quantile(latenciesMs, 0.5),
    answerMsP99: quantile(latenciesMs, 0.99),
  };
}

function resourceFigures(used: ResourcesUsed, records: number): Figures {
  return Object.fromEntries([
    ...[...used.cpuSeconds].map(([part, seconds]) => [
      `cpuUsPerRecord.${part}`,
      (seconds * 1e6) / records,
    ]),
    ...[...used.residentBytesMax].map(([role, bytes]) => [`rssMib.${role}`, bytes / mebibyte]),
    ["rssMib.allRoles", used.rolesBytesMax / mebibyte],
    ["pssMib.allRoles", used.rolesProportionalBytesMax / mebibyte],
    ["pssMib.postgres", used.postgresBytes / mebibyte],
  ]);
}

/** What the tables grew by: a database that holds nothing takes some room, too. */
async function diskFigures(
  { db }: Stack,
  before: ReadonlyMap<string, number>,
  records: number,
): Promise<Figures> {
  const grown = [...(await bytesByTable(db))].map(([table, bytes]): [string, number] => [
    table,
    (bytes - (before.get(table) ?? 0)) / records,
  ]);
  const total = grown.reduce((sum, [, bytes]) => sum + bytes, 0);
  return Object.fromEntries([
    ["diskBytesPerRecord.total", total],
    ...grown
      .filter(([, bytes]) => bytes >= 0.1)
      .map(([table, bytes]) => [`diskBytesPerRecord.${table}`, bytes]),
  ]);
}

function portOf({ ports }: Stack, setting: string): number {
  const port = ports.get(setting);
  if (port === undefined) throw new Error(`nothing listens on ${setting}`);
  return port;
}
