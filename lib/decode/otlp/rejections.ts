const kinds = ["log_record", "span", "trace_id", "span_id", "too_many_records"] as const;

/** Why a span or log record is not taken. */
export type RejectionKind = (typeof kinds)[number];

const sentences: Readonly<Record<RejectionKind, (count: number) => string>> = {
  log_record: (count: number) =>
    `${counted(count, "record looks", "records look")} like log records; post logs to /v1/logs.`,
  span: (count) =>
    `${counted(count, "record looks", "records look")} like spans; post traces to /v1/traces.`,
  trace_id: (count: number) =>
    `${counted(count, "span has", "spans have")} no valid trace id (16 bytes, not all zero); if these are logs or metrics, post them to /v1/logs or /v1/metrics.`,
  span_id: (count: number) =>
    `${counted(count, "span has", "spans have")} no valid span id (8 bytes, not all zero).`,
  too_many_records: (count) =>
    `${counted(count, "record is", "records are")} more than one request may hold; send smaller batches.`,
};

/** Counts the items of one payload that are not taken, by reason. */
export class RejectionTally {
  private readonly counts = new Map<RejectionKind, number>();
  count = 0;

  add(kind: RejectionKind): void {
    this.count += 1;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  byKind(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }

  /** One sentence for each reason there was. */
  sentences(): string[] {
    return kinds.flatMap((kind) => {
      const count = this.counts.get(kind);
      return count === undefined ? [] : [sentences[kind](count)];
    });
  }
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
