import type { ProcessMinute } from "#lib/store/processes.ts";
import type { Labels, Metrics } from "#lib/telemetry/metrics.ts";

const minuteMs = 60_000;
/** Series that the operator's page can show; a row stays small whatever is counted. */
const shown = /^viascope_(?:ingest|receive|names|scrape|spool|syslog|worker)_/;
const gaugesShown =
  /^(?:viascope_(?:ingest|receive|spool|syslog|unreadable)_|process_resident_memory_bytes$)/;
const seriesMax = 200;

/** What the counters of a process grew by in each minute. */
export class MinuteReadings {
  readonly #metrics: Metrics;
  #startMs: number;
  #counters: Map<string, number>;
  #buckets: Map<string, readonly number[]>;
  #gauges = new Map<string, number>();

  constructor(metrics: Metrics, nowMs: number) {
    this.#metrics = metrics;
    this.#startMs = nowMs;
    this.#counters = new Map();
    this.#buckets = new Map();
    this.#begin(nowMs);
  }

  /** Looks at the gauges; gives the minute when it is over. */
  look(nowMs: number): ProcessMinute | null {
    this.lookAtGauges();
    return minuteOf(nowMs) > minuteOf(this.#startMs) ? this.end(nowMs) : null;
  }

  /** The most that a gauge was is the most that was seen. */
  lookAtGauges(): void {
    for (const [key, value] of Object.entries(this.gaugesOf(this.#metrics))) {
      this.#gauges.set(key, Math.max(value, this.#gauges.get(key) ?? value));
    }
  }

  /** The minute as far as it went; the next one begins. */
  end(nowMs: number): ProcessMinute {
    const row = {
      minuteMs: minuteOf(this.#startMs),
      counters: this.#grown(),
      gauges: Object.fromEntries(this.#gauges),
      histograms: this.#distributed(),
    };
    this.#begin(nowMs);
    return row;
  }

  /** The gauges as they stand now. */
  gaugesOf(metrics: Metrics): Record<string, number> {
    return Object.fromEntries(
      metrics
        .readings()
        .filter(({ kind, name }) => kind === "gauge" && gaugesShown.test(name))
        .slice(0, seriesMax)
        .map(({ name, labels, value }) => [keyOf(name, labels), value]),
    );
  }

  #begin(nowMs: number): void {
    this.#startMs = nowMs;
    this.#gauges = new Map();
    this.#counters = new Map(this.#counted());
    this.#buckets = new Map(
      this.#metrics
        .distributions()
        .map(({ name, labels, counts }) => [keyOf(name, labels), counts]),
    );
  }

  #counted(): [string, number][] {
    return this.#metrics
      .readings()
      .filter(({ kind, name }) => kind === "counter" && shown.test(name))
      .slice(0, seriesMax)
      .map(({ name, labels, value }) => [keyOf(name, labels), value]);
  }

  #grown(): Record<string, number> {
    const grown = this.#counted().map(
      ([key, value]) => [key, value - (this.#counters.get(key) ?? 0)] as const,
    );
    return Object.fromEntries(grown.filter(([, value]) => value > 0));
  }

  #distributed(): ProcessMinute["histograms"] {
    return Object.fromEntries(
      this.#metrics.distributions().flatMap(({ name, labels, bounds, counts }) => {
        if (!shown.test(name)) return [];
        const key = keyOf(name, labels);
        const before = this.#buckets.get(key) ?? [];
        const buckets = counts
          .map((count, place) => [bounds[place] ?? null, count - (before[place] ?? 0)] as const)
          .filter(([, count]) => count > 0);
        return buckets.length === 0 ? [] : [[key, buckets] as const];
      }),
    );
  }
}

function minuteOf(timeMs: number): number {
  return Math.floor(timeMs / minuteMs) * minuteMs;
}

/** A series as one word: its name and its labels. */
function keyOf(name: string, labels: Labels): string {
  return `${name} ${JSON.stringify(labels)}`;
}
