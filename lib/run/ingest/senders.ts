import { emptySkewWindow, skewMs, withReceipt, type SkewWindow } from "#lib/core/clock-skew.ts";
import type { Exchange } from "#lib/core/exchange.ts";
import type { LogLine } from "#lib/core/log-line.ts";
import type { MetricPoint } from "#lib/core/metric.ts";
import type { Database } from "#lib/db/open.ts";
import type { Grant } from "#lib/receive/access.ts";
import { saveSenders, type SenderRow } from "#lib/store/senders.ts";
import { log } from "#lib/telemetry/log.ts";
import type { Counter, Metrics } from "#lib/telemetry/metrics.ts";

/** Those heard least recently make room for others. */
const sendersMax = 1_000;
const saveEveryMs = 10_000;
const nameLengthMax = 200;

/** What a request tells of one process that made its records. */
export interface Heard {
  readonly proxy: string;
  readonly instance: string | null;
  /** End of its newest record by its own clock, epoch microseconds; null where none of them told a time. */
  readonly newestEndUs: number | null;
}

interface Sender {
  readonly row: Omit<SenderRow, "heardMs" | "skewMs">;
  heardMs: number;
  skew: SkewWindow;
  saved: boolean;
}

/** Who sends to this process, when each was last heard, and how far its clock is off. */
export class Senders {
  readonly #db: Database;
  readonly #project: number;
  /** In the order in which they were last heard. */
  readonly #senders = new Map<string, Sender>();
  readonly #forgotten: Counter;
  readonly #timer: NodeJS.Timeout;

  constructor(db: Database, project: number, metrics: Metrics) {
    this.#db = db;
    this.#project = project;
    this.#forgotten = metrics.counter(
      "viascope_ingest_senders_forgotten_total",
      "Senders that made room for others, because there were too many.",
    );
    this.#timer = setInterval(() => void this.save(Date.now()), saveEveryMs);
    this.#timer.unref();
  }

  hear(heard: readonly Heard[], receivedMs: number, grant: Grant | undefined): void {
    for (const one of heard) this.#hearOne(one, receivedMs, grant);
  }

  /** Writes what changed since the last time. */
  async save(nowMs: number): Promise<void> {
    const changed = [...this.#senders.values()].filter(({ saved }) => !saved);
    for (const sender of changed) sender.saved = true;
    try {
      const rows = changed.map(({ row, heardMs, skew }) => ({
        ...row,
        heardMs,
        skewMs: skewMs(skew, nowMs),
      }));
      await saveSenders(this.#db, rows);
    } catch (error) {
      for (const sender of changed) sender.saved = false;
      log.warn({ err: error }, "senders were not noted");
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.save(Date.now());
  }

  #hearOne(heard: Heard, receivedMs: number, grant: Grant | undefined): void {
    const row = {
      project: grant?.project ?? this.#project,
      proxy: heard.proxy.slice(0, nameLengthMax),
      instance: (heard.instance ?? "").slice(0, nameLengthMax),
      token: grant?.token ?? "",
      address: grant?.address ?? "",
    };
    const key = Object.values(row).join("\0");
    const sender = this.#senders.get(key) ?? {
      row,
      heardMs: 0,
      skew: emptySkewWindow,
      saved: false,
    };
    sender.heardMs = Math.max(sender.heardMs, receivedMs);
    sender.skew = skewWith(sender.skew, heard, receivedMs);
    sender.saved = false;
    this.#senders.delete(key);
    this.#senders.set(key, sender);
    if (this.#senders.size > sendersMax) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const [oldest] = this.#senders.keys();
    if (oldest === undefined) return;
    this.#senders.delete(oldest);
    this.#forgotten.add(1);
  }
}

/** Who tells no time tells nothing of a clock. */
function skewWith(skew: SkewWindow, { newestEndUs }: Heard, receivedMs: number): SkewWindow {
  return newestEndUs === null ? skew : withReceipt(skew, newestEndUs / 1_000, receivedMs);
}

/** What points of metrics tell of their senders: they are taken when they are sent. */
export function heardInPoints(points: readonly MetricPoint[]): Heard[] {
  const newest = new Newest();
  for (const { series, atUs } of points) newest.see(series.proxy, series.instance, atUs);
  return newest.heard();
}

/** The newest record of each sender; those of one stand together, so that few names are looked up. */
export class Newest {
  readonly #byName = new Map<string, Heard>();
  #last: Heard | null = null;

  see(proxy: string, instance: string | null, endUs: number | null): void {
    const last = this.#last;
    const same = last !== null && last.proxy === proxy && last.instance === instance;
    if (same && !isNewer(endUs, last)) return;
    const key = `${proxy}\0${instance ?? ""}`;
    const known = this.#byName.get(key);
    const keep = known !== undefined && !isNewer(endUs, known);
    this.#last = keep ? known : { proxy, instance, newestEndUs: endUs };
    this.#byName.set(key, this.#last);
  }

  /** Of an exchange without a duration its start is all that is known. */
  seeExchange({ proxy, instance, startUs, durationUs }: Exchange): void {
    this.see(proxy, instance, startUs + (durationUs ?? 0));
  }

  /** A line that tells no time has that of its receipt. */
  seeLogLine({ proxy, instance, atUs }: LogLine, receivedMs: number): void {
    this.see(proxy, instance, atUs === receivedMs * 1_000 ? null : atUs);
  }

  heard(): Heard[] {
    return [...this.#byName.values()];
  }
}

function isNewer(endUs: number | null, { newestEndUs }: Heard): boolean {
  return endUs !== null && (newestEndUs === null || endUs > newestEndUs);
}
