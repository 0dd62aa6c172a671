import { boundsOf } from "#lib/core/bounds.ts";
import { sourceCodes } from "#lib/core/codes.ts";
import type { Source } from "#lib/core/exchange.ts";
import { freeBytes } from "#lib/core/free-bytes.ts";
import type {
  AttemptField,
  ExchangeField,
  RecordColumns,
  RecordField,
  Records,
} from "#lib/core/record-columns.ts";
import type { SegmentTraces, TraceList } from "#lib/core/segment-traces.ts";
import { packRecords, packTraces, RecordSegment } from "#lib/core/segment.ts";
import { CopyRows } from "#lib/db/copy.ts";
import { storedColumns } from "#lib/db/segment-bytes.ts";

/** Readers count on no segment being longer (migration 0011). */
const hourUs = 3_600_000_000;

/** The segments of a batch while records are being added to them. */
export class SegmentRows {
  readonly #parts: Part[] = [];
  /** The newest part of each project, block and hour. */
  readonly #open = new Map<string, Part>();
  #last: Part | null = null;

  /** The segment for a record that begins at the given time. */
  at({ project, blockId }: SegmentPlace, source: Source, startUs: number): RecordSegment {
    const hour = Math.floor(startUs / hourUs);
    let part = this.#last;
    if (part?.hour !== hour || part.blockId !== blockId || part.project !== project) {
      part = this.#open.get(`${project} ${blockId} ${hour}`) ?? null;
    }
    if (part === null || part.segment.isFull) {
      const number = this.#parts.length;
      part = { project, blockId, source, hour, number, segment: new RecordSegment() };
      this.#parts.push(part);
      this.#open.set(`${project} ${blockId} ${hour}`, part);
    }
    this.#last = part;
    return part.segment;
  }

  /** Takes stored records over into a block that theirs became a part of; positions count on from those before it. */
  copy(from: StoredSegment, to: SegmentPlace): void {
    const at = (startUs: number) => this.at(to, from.source, startUs);
    copyRecords(from, from.exchanges, (startUs) => {
      const { traces, exchanges } = at(startUs);
      return { traces, records: exchanges };
    });
    copyRecords(from, from.attempts, (startUs) => {
      const { traces, attempts } = at(startUs);
      return { traces, records: attempts };
    });
  }

  /** All of them as rows of their table, in the order of `segmentColumns`. Once: their memory is given back. */
  async packed(): Promise<CopyRows> {
    const stored = await Promise.all(this.#parts.map((part) => storedPart(part)));
    const rows = new CopyRows();
    for (const part of stored) {
      writePart(rows, part);
      for (const bytes of [part.traces, part.exchanges, part.attempts]) freeBytes(bytes);
      part.segment.free();
    }
    return rows;
  }
}

/** A segment that was read, and how many positions stand before its block in the merged one. */
export interface StoredSegment {
  readonly source: Source;
  readonly firstPosition: number;
  readonly traces: TraceList;
  readonly exchanges: Records<ExchangeField>;
  readonly attempts: Records<AttemptField>;
}

/** The columns of the table in the order in which its rows are written. */
export const segmentColumns = [
  "first_at",
  "last_at",
  "block_id",
  "part",
  "exchanges",
  "failed_exchanges",
  "attempts",
  "failed_attempts",
  "project_id",
  "source",
  "proxy_ids",
  "upstream_ids",
  "traces",
  "exchange_columns",
  "attempt_columns",
];

/** The block that a segment is of; all records of a block have one source. */
interface SegmentPlace {
  readonly project: number;
  readonly blockId: number;
}

interface Part extends SegmentPlace {
  readonly source: Source;
  readonly hour: number;
  /** Tells the parts of a batch apart. */
  readonly number: number;
  readonly segment: RecordSegment;
}

interface StoredPart extends Part {
  readonly traces: Uint8Array;
  readonly exchanges: Uint8Array;
  readonly attempts: Uint8Array;
}

async function storedPart(part: Part): Promise<StoredPart> {
  const { traces, exchanges, attempts } = part.segment;
  const [storedExchanges, storedAttempts] = await Promise.all([
    storedColumns(packRecords(exchanges, traces)),
    storedColumns(packRecords(attempts, traces)),
  ]);
  return {
    ...part,
    traces: packTraces(traces),
    exchanges: storedExchanges,
    attempts: storedAttempts,
  };
}

function writePart(rows: CopyRows, part: StoredPart): void {
  const { exchanges, attempts } = part.segment;
  const starts = [exchanges, attempts].flatMap(({ startUs, length }) => boundsOf(startUs, length));
  const upstreams = distinct(attempts.column("upstreamId"), attempts.length);
  const proxies = distinct(exchanges.column("proxyId"), exchanges.length);
  for (const id of distinct(attempts.column("proxyId"), attempts.length)) proxies.add(id);
  rows.row(segmentColumns.length);
  rows.timestamp(Math.min(...starts));
  rows.timestamp(Math.max(...starts));
  rows.int8(part.blockId);
  rows.int4(part.number);
  rows.int4(exchanges.length);
  rows.int4(failedOf(exchanges));
  rows.int4(attempts.length);
  rows.int4(failedOf(attempts));
  rows.int2(part.project);
  rows.int2(sourceCodes.codeOf(part.source));
  rows.int4Array([...proxies]);
  rows.int4Array([...upstreams]);
  rows.bytes(part.traces);
  rows.bytes(part.exchanges);
  rows.bytes(part.attempts);
}

function copyRecords<Field extends string>(
  { traces, firstPosition }: StoredSegment,
  from: Records<Field>,
  segmentAt: (startUs: number) => {
    readonly traces: SegmentTraces;
    readonly records: RecordColumns<Field>;
  },
): void {
  for (let at = 0; at < from.length; at += 1) {
    const startUs = from.startUs[at] ?? 0;
    const to = segmentAt(startUs);
    const { high, low } = traces;
    const trace = from.trace[at] ?? 0;
    const place = to.records.add(to.traces.placeOf(high[trace] ?? 0, low[trace] ?? 0, startUs));
    to.records.startUs[place] = startUs;
    for (const field of to.records.layout.fields) {
      const value = from.column(field)[at] ?? 0;
      to.records.columns[field][place] = field === "position" ? value + firstPosition : value;
    }
  }
}

function failedOf(records: Records<RecordField>): number {
  const failed = records.column("failed");
  let sum = 0;
  for (let at = 0; at < records.length; at += 1) sum += failed[at] ?? 0;
  return sum;
}

function distinct(values: Int32Array, length: number): Set<number> {
  const found = new Set<number>();
  let last: number | undefined;
  for (let at = 0; at < length; at += 1) {
    const value = values[at] ?? 0;
    if (value !== last) found.add(value);
    last = value;
  }
  return found;
}
