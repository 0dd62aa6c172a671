import type { OperationPoints, OperationsAnswer } from "#lib/contract/operations.ts";
import type { Received } from "#lib/core/measured.ts";
import type { SeriesBucket } from "#lib/query/operations.ts";

type History = Pick<
  OperationsAnswer,
  "accepted" | "refused" | "requestsRefused" | "lagMsP50" | "lagMsP99" | "queueDepth" | "heldBytes"
>;

/** The buckets that a history is told in; the last one may be cut short. */
export interface HistoryWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepSeconds: number;
}

/** Rows of refusals beyond this are told as one. */
const reasonsMax = 40;
const requestsName = "viascope_receive_requests_total";
/** Ends of requests that are none of their sender's business, or no refusal. */
const taken = new Set(["accepted", "aborted"]);

/** What processes counted, as the operator's page shows it. */
export function historyOf(buckets: readonly SeriesBucket[], window: HistoryWindow): History {
  const told = new Map(bucketsOf(window).map((bucketMs) => [bucketMs, false]));
  for (const { bucketMs } of buckets) if (told.has(bucketMs)) told.set(bucketMs, true);
  const frame = { window, told };
  const named = (name: string) => buckets.filter((one) => one.name === name);
  return {
    accepted: grouped(named("viascope_ingest_accepted_total"), (labels) => labels["signal"] ?? "")
      .map(([signal, rows]) => ({ signal, points: ratesOf(rows, frame) }))
      .toSorted((a, b) => (a.signal < b.signal ? -1 : 1)),
    refused: refusedOf(buckets, frame),
    requestsRefused: requestsRefusedOf(buckets, frame),
    lagMsP50: quantilesOf(named("viascope_ingest_lag_seconds"), 0.5, frame),
    lagMsP99: quantilesOf(named("viascope_ingest_lag_seconds"), 0.99, frame),
    queueDepth: mostOf(named("viascope_ingest_queue_depth"), frame),
    heldBytes: mostOf(named("viascope_receive_held_bytes"), frame),
  };
}

/** What became of what senders brought; null where no process told of it. */
export function receivedOf(buckets: readonly SeriesBucket[]): Received | null {
  if (buckets.length === 0) return null;
  const counted = (of: (bucket: SeriesBucket) => boolean) => sumOf(buckets.filter(of));
  return {
    recordsStored: counted(({ name }) => name === "viascope_ingest_accepted_total"),
    recordsRefused: counted(isRefusal),
    requestsTaken: counted(
      ({ name, labels }) => name === requestsName && taken.has(labels["outcome"] ?? ""),
    ),
    requestsRefused: counted(isRequestRefusal),
    lost: buckets.reduce((sum, bucket) => sum + lostIn(bucket), 0),
  };
}

/** Messages and requests that nobody will send again; bytes are no number of them, and count as one. */
function lostIn({ name, labels, value }: SeriesBucket): number {
  if (name === "viascope_syslog_messages_total") return labels["outcome"] === "no_room" ? value : 0;
  if (name === "viascope_spool_requests_total") return labels["outcome"] === "refused" ? value : 0;
  const isDamage =
    name === "viascope_syslog_lost_bytes_total" ||
    (name === "viascope_spool_damaged_bytes_total" && labels["kind"] === "set_aside");
  return isDamage && value > 0 ? 1 : 0;
}

interface Frame {
  readonly window: HistoryWindow;
  /** Whether any process told of a bucket. */
  readonly told: ReadonlyMap<number, boolean>;
}

function bucketsOf({ fromMs, toMs, stepSeconds }: HistoryWindow): number[] {
  const stepMs = stepSeconds * 1_000;
  const count = Math.max(0, Math.ceil((toMs - fromMs) / stepMs));
  return Array.from({ length: count }, (_, place) => fromMs + place * stepMs);
}

/** Records that were refused one by one, bodies that could not be read, and what was dropped on the way. */
function refusedOf(buckets: readonly SeriesBucket[], frame: Frame): History["refused"] {
  const groups = grouped(buckets.filter(isRefusal), (labels, name) =>
    JSON.stringify([signalOf(name, labels), reasonOf(name, labels)]),
  );
  return worstFirst(
    groups.map(([key, rows]) => {
      const [signal = "", reason = ""]: string[] = JSON.parse(key);
      return { signal, reason, total: sumOf(rows), points: ratesOf(rows, frame) };
    }),
  );
}

function isRefusal({ kind, name, labels }: SeriesBucket): boolean {
  return kind === "counter" && reasonOf(name, labels) !== null;
}

/** The signal, or the way in that the counter is named after, such as syslog. */
function signalOf(name: string, labels: Readonly<Record<string, string>>): string {
  return labels["signal"] ?? /^viascope_(?<way>[a-z]+)_/.exec(name)?.groups?.["way"] ?? "";
}

/** Why records were not stored, if a counter counts such. */
function reasonOf(name: string, labels: Readonly<Record<string, string>>): string | null {
  if (name === "viascope_ingest_rejected_total") return labels["reason"] ?? "";
  if (name === "viascope_ingest_malformed_total") return "malformed_body";
  if (name === "viascope_syslog_messages_total") {
    return labels["outcome"] === "accepted" ? null : (labels["outcome"] ?? "");
  }
  if (/_(?:dropped|rejected)_total$/.test(name)) return labels["reason"] ?? name;
  return null;
}

function requestsRefusedOf(
  buckets: readonly SeriesBucket[],
  frame: Frame,
): History["requestsRefused"] {
  const groups = grouped(
    buckets.filter(isRequestRefusal),
    ({ route = "syslog", outcome, reason = "" }) => JSON.stringify([route, outcome ?? reason]),
  );
  return worstFirst(
    groups.map(([key, rows]) => {
      const [route = "", reason = ""]: string[] = JSON.parse(key);
      return { route, reason, total: sumOf(rows), points: ratesOf(rows, frame) };
    }),
  );
}

function isRequestRefusal({ name, labels }: SeriesBucket): boolean {
  if (name === "viascope_syslog_refused_total") return true;
  return name === requestsName && !taken.has(labels["outcome"] ?? "");
}

function worstFirst<Row extends { readonly total: number }>(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => b.total - a.total).slice(0, reasonsMax);
}

function grouped(
  buckets: readonly SeriesBucket[],
  keyOf: (labels: SeriesBucket["labels"], name: string) => string,
): [string, SeriesBucket[]][] {
  return [...Map.groupBy(buckets, ({ labels, name }) => keyOf(labels, name))];
}

function sumOf(rows: readonly SeriesBucket[]): number {
  return rows.reduce((sum, { value }) => sum + value, 0);
}

/** Per second; 0 where processes told of a bucket but not of this. */
function ratesOf(rows: readonly SeriesBucket[], { window, told }: Frame): OperationPoints {
  const sums = new Map<number, number>();
  for (const { bucketMs, value } of rows) sums.set(bucketMs, (sums.get(bucketMs) ?? 0) + value);
  return [...told].map(([bucketMs, isTold]) => {
    const endMs = Math.min(window.toMs, bucketMs + window.stepSeconds * 1_000);
    return [bucketMs, isTold ? ((sums.get(bucketMs) ?? 0) * 1_000) / (endMs - bucketMs) : null];
  });
}

function mostOf(rows: readonly SeriesBucket[], { told }: Frame): OperationPoints {
  const most = new Map<number, number>();
  for (const { bucketMs, value } of rows) {
    most.set(bucketMs, Math.max(value, most.get(bucketMs) ?? value));
  }
  return [...told.keys()].map((bucketMs) => [bucketMs, most.get(bucketMs) ?? null]);
}

/** In milliseconds; null where nothing was committed. */
function quantilesOf(
  rows: readonly SeriesBucket[],
  share: number,
  { told }: Frame,
): OperationPoints {
  const byBucket = Map.groupBy(rows, ({ bucketMs }) => bucketMs);
  return [...told.keys()].map((bucketMs) => {
    const seconds = quantile(byBucket.get(bucketMs) ?? [], share);
    return [bucketMs, seconds === null ? null : seconds * 1_000];
  });
}

/** Each bound of the lag is a quarter above the one before. */
const boundFactor = 1.25;

function quantile(rows: readonly SeriesBucket[], share: number): number | null {
  const total = sumOf(rows);
  if (total === 0) return null;
  const sorted = rows.toSorted((a, b) => (a.bound ?? Infinity) - (b.bound ?? Infinity));
  let below = 0;
  for (const { bound, value } of sorted) {
    if (below + value < share * total) {
      below += value;
      continue;
    }
    const upper = bound ?? (sorted.at(-2)?.bound ?? 60) * boundFactor;
    const lower = upper / boundFactor;
    return lower + ((share * total - below) / value) * (upper - lower);
  }
  return null;
}
