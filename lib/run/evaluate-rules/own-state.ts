import type { RetentionDays } from "#lib/config/settings.ts";
import { daysAhead } from "#lib/core/disk-forecast.ts";
import type { OwnState, Received } from "#lib/core/measured.ts";
import type { Database } from "#lib/db/open.ts";
import { queryOperations } from "#lib/query/operations.ts";
import { isAlive, queryProcesses } from "#lib/query/processes.ts";
import { log } from "#lib/telemetry/log.ts";

import { readForecast, type DiskRoom } from "../operations/disk.ts";
import { receivedOf } from "../operations/history.ts";

const minuteMs = 60_000;
const daySeconds = 86_400;
const receivedSeconds = 300;
/** A minute is told by then. */
const toldAfterMs = 15_000;

type DiskState = Pick<OwnState, "diskUsed" | "diskLeftSeconds">;

export interface OwnStateSources {
  readonly db: Database;
  readonly retention: RetentionDays;
  /** The room on the disk of the database; null where nobody can say. */
  readonly diskRoom: () => Promise<DiskRoom | null>;
}

/** Reads what rules know of Viascope itself. What cannot be read is unknown, and holds up no other rule. */
export class OwnStateReader {
  readonly #sources: OwnStateSources;
  readonly #disk = new OncePerMinute<DiskState>();
  readonly #received = new OncePerMinute<Received | null>();

  constructor(sources: OwnStateSources) {
    this.#sources = sources;
  }

  async read(nowMs: number): Promise<OwnState> {
    const [disk, spoolUsed, received] = await Promise.all([
      this.#disk.get(nowMs, () => this.#readDisk(nowMs)).catch(unread("the disk", unknownDisk)),
      this.#readSpool(nowMs).catch(unread("the spools", null)),
      this.#received
        .get(nowMs - toldAfterMs, (toMs) => this.#readReceived(toMs))
        .catch(unread("what was received", null)),
    ]);
    return { ...disk, spoolUsed, received };
  }

  async #readDisk(nowMs: number): Promise<DiskState> {
    const { db, retention, diskRoom } = this.#sources;
    const room = await diskRoom();
    if (room === null) return unknownDisk;
    const forecast = await readForecast(db, retention, room.freeBytes, nowMs);
    const days = { full: "days" in forecast ? forecast.days : 0, holds: daysAhead };
    return {
      diskUsed: room.used,
      diskLeftSeconds:
        forecast.kind === "notEnoughHistory" ? null : days[forecast.kind] * daySeconds,
    };
  }

  async #readSpool(nowMs: number): Promise<number | null> {
    const processes = await queryProcesses(this.#sources.db);
    const shares = processes
      .filter((one) => isAlive(one, nowMs))
      .flatMap(({ gauges }) => {
        const bytesMax = gauges["viascope_spool_bytes_max {}"] ?? 0;
        return bytesMax > 0 ? [(gauges["viascope_spool_bytes {}"] ?? 0) / bytesMax] : [];
      });
    return shares.length === 0 ? null : Math.max(...shares);
  }

  async #readReceived(toMs: number): Promise<Received | null> {
    const window = { fromMs: toMs - receivedSeconds * 1_000, toMs };
    return receivedOf(await queryOperations(this.#sources.db, window, receivedSeconds));
  }
}

const unknownDisk: DiskState = { diskUsed: null, diskLeftSeconds: null };

function unread<Value>(what: string, unknown: Value): (error: unknown) => Value {
  return (error) => {
    log.warn({ err: error }, `${what} could not be looked at for rules`);
    return unknown;
  };
}

/** What changes once a minute, or costs too much to be read more often. */
class OncePerMinute<Value> {
  #known: { readonly minute: number; readonly value: Value } | null = null;

  /** The value of the minute of a time; `read` gets its start. */
  async get(timeMs: number, read: (startMs: number) => Promise<Value>): Promise<Value> {
    const minute = Math.floor(timeMs / minuteMs);
    if (this.#known?.minute !== minute) {
      this.#known = { minute, value: await read(minute * minuteMs) };
    }
    return this.#known.value;
  }
}
