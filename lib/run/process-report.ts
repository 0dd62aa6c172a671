import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

import type { Database } from "#lib/db/open.ts";
import {
  appendMinute,
  removeProcess,
  saveProcess,
  type ProcessMinute,
} from "#lib/store/processes.ts";
import { log } from "#lib/telemetry/log.ts";
import type { Metrics } from "#lib/telemetry/metrics.ts";

import { MinuteReadings } from "./process-report/minute-readings.ts";
import type { RoleName } from "./role.ts";

const everyMs = 10_000;
/** What waits comes and goes quickly: the most of a minute is looked for this often. */
const lookEveryMs = 500;
/** Minutes that wait for a database that is away. */
const waitingMax = 60;

/** Lets the operator's page know of this process: that it lives, and minute by minute what it did. */
export class ProcessReport {
  readonly #db: Database;
  readonly #metrics: Metrics;
  readonly #row: { readonly id: string; readonly role: RoleName; readonly startedMs: number };
  readonly #readings: MinuteReadings;
  #timers: readonly NodeJS.Timeout[] = [];
  #running: Promise<void> = Promise.resolve();
  #waiting: ProcessMinute[] = [];

  constructor(db: Database, role: RoleName, metrics: Metrics) {
    this.#db = db;
    this.#metrics = metrics;
    const startedMs = Date.now() - process.uptime() * 1_000;
    this.#row = { id: randomUUID(), role, startedMs };
    this.#readings = new MinuteReadings(metrics, Date.now());
  }

  start(): this {
    this.#timers = [
      setInterval(() => this.#next(), everyMs),
      setInterval(() => this.#readings.lookAtGauges(), lookEveryMs),
    ];
    for (const timer of this.#timers) timer.unref();
    this.#next();
    return this;
  }

  /** Tells of the last minute, as far as it went, and that this process is gone. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#running;
    try {
      this.#waiting.push(this.#readings.end(Date.now()));
      await this.#append();
      await removeProcess(this.#db, this.#row.id);
    } catch (error) {
      log.warn({ err: error }, "the end of this process was not noted");
    }
  }

  #next(): void {
    this.#running = this.#running.then(() => this.#report(Date.now()));
  }

  async #report(nowMs: number): Promise<void> {
    const ended = this.#readings.look(nowMs);
    if (ended !== null) this.#waiting = [...this.#waiting, ended].slice(-waitingMax);
    try {
      const gauges = this.#readings.gaugesOf(this.#metrics);
      const row = { ...this.#row, host: hostname(), version: await version(), gauges };
      await saveProcess(this.#db, row, nowMs);
      await this.#append();
    } catch (error) {
      log.warn({ err: error }, "this process could not tell of itself");
    }
  }

  async #append(): Promise<void> {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      await appendMinute(this.#db, this.#row, first);
      this.#waiting.shift();
    }
  }
}

let known: Promise<string> | null = null;

function version(): Promise<string> {
  known ??= readFile(join(import.meta.dirname, "../../package.json"), "utf8").then((text) => {
    const found = /"version":\s*"(?<version>[^"]+)"/.exec(text)?.groups?.["version"];
    return found ?? "unknown";
  });
  return known;
}
