const sentences = {
  log_record: "look like log records; post logs to /v1/logs",
  span: "look like spans; post traces to /v1/traces",
  name: "have a metric without a name, or one of more than 300 characters",
  time: "have no time",
  value: "have no value, or none that is a finite number",
  temporality: "are of a sum or histogram that does not say whether it is cumulative or delta",
  histogram: "have buckets that do not fit their bounds or their count",
  attributes: "have more than 64 attributes",
  too_many_records: "are more than one request may hold; send smaller batches",
} as const;

/** Why a point is not taken. */
export type PointRejection = keyof typeof sentences;

/** Counts the points of one payload that are not taken, by reason. */
export class PointRejections {
  readonly #counts = new Map<PointRejection, number>();

  add(kind: PointRejection): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  byKind(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  /** One for each reason there was. */
  sentences(): string[] {
    return Array.from(
      this.#counts,
      ([kind, count]) => `Data points that ${sentences[kind]}: ${count}.`,
    );
  }
}
