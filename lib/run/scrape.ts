import { type MetricPoint, seriesKey } from "#lib/core/metric.ts";
import { append } from "#lib/db/appends.ts";
import type { Database } from "#lib/db/open.ts";
import { ensurePartitions } from "#lib/db/partitions.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { decodePrometheusPage } from "#lib/decode/prometheus-text.ts";
import { MetricRows } from "#lib/store/metric-rows.ts";
import { SeriesNumbers } from "#lib/store/metric-series.ts";
import {
  claimDueTargets,
  keepTargets,
  noteScrape,
  type ScrapeOutcome,
  type TargetRow,
} from "#lib/store/scrape-targets.ts";
import { log } from "#lib/telemetry/log.ts";
import { metrics, type Metrics } from "#lib/telemetry/metrics.ts";

import { withNumbers } from "./ingest/numbered-points.ts";
import type { RoleSettings } from "./role.ts";
import { fetchPage, shownUrl } from "./scrape/fetch-page.ts";

const timeoutMsMax = 10_000;
const samplesMax = 50_000;

export interface ScrapeOptions {
  readonly project: number;
  readonly targets: readonly TargetRow[];
  readonly everySeconds: number;
  readonly seriesMax: number;
  /** How far back a page's own times are taken. */
  readonly retentionMs: number;
  readonly metrics: Metrics;
}

/** Reads pages in Prometheus' format when they are due; any number of workers share the targets. */
export class Scraper {
  readonly #db: Database;
  readonly #options: ScrapeOptions;
  readonly #series: SeriesNumbers;
  readonly #urls: ReadonlyMap<string, string>;
  readonly #running = new Set<Promise<void>>();
  #kept = false;

  constructor(db: Database, options: ScrapeOptions) {
    this.#db = db;
    this.#options = options;
    this.#series = new SeriesNumbers(db, options.seriesMax);
    this.#urls = new Map(options.targets.map(({ name, url }) => [name, url]));
  }

  /** Starts what is due and does not wait for it: a slow page holds up no other. */
  async run(nowMs: number): Promise<void> {
    const { project, targets, everySeconds } = this.#options;
    if (!this.#kept) {
      const shown = targets.map(({ name, url }) => ({ name, url: shownUrl(url) }));
      await keepTargets(this.#db, project, shown);
      this.#kept = true;
    }
    if (targets.length === 0) return;
    for (const name of await claimDueTargets(this.#db, project, nowMs, everySeconds * 1_000)) {
      const url = this.#urls.get(name);
      if (url === undefined) continue;
      const scrape = this.#scrape({ name, url }, nowMs)
        .catch((error: unknown) => log.error({ err: error, target: name }, "a scrape failed"))
        .finally(() => this.#running.delete(scrape));
      this.#running.add(scrape);
    }
  }

  /** Resolves when nothing is being scraped. */
  async settle(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #scrape(target: TargetRow, nowMs: number): Promise<void> {
    const begun = performance.now();
    const timeoutMs = Math.min(timeoutMsMax, this.#options.everySeconds * 1_000);
    const fetched = await fetchPage(target.url, timeoutMs);
    const durationMs = performance.now() - begun;
    const origin = { proxy: target.name, instance: new URL(target.url).host, atUs: nowMs * 1_000 };
    const failure = { scrapedMs: nowMs, up: false, durationMs, samples: 0, refused: 0 };
    if (fetched.kind === "failed") {
      await this.#store(target, origin, [], { ...failure, problem: fetched.problem });
      return;
    }
    const { openMetrics } = fetched;
    const page = decodePrometheusPage(fetched.text, { ...origin, openMetrics, samplesMax });
    const { points, samples, rejectedByKind } = page;
    if (points.length === 0) {
      const problem = "The page shows no samples in Prometheus' format.";
      await this.#store(target, origin, [], { ...failure, samples, refused: samples, problem });
      return;
    }
    const refused = this.#countRefused(rejectedByKind);
    const problem = refused === 0 ? null : refusedSentence(rejectedByKind);
    const timely = points.filter(({ atUs }) => this.#isTimely(atUs, nowMs));
    const outcome = { scrapedMs: nowMs, up: true, durationMs, samples, refused, problem };
    await this.#store(target, origin, timely, outcome);
  }

  async #store(
    target: TargetRow,
    origin: { readonly proxy: string; readonly instance: string; readonly atUs: number },
    points: readonly MetricPoint[],
    outcome: ScrapeOutcome,
  ): Promise<void> {
    const { project } = this.#options;
    const all = [...points, ...ownPoints(origin, outcome)];
    const wanted = all.map(({ series }) => series);
    const ids = await this.#series.resolve(project, wanted, outcome.scrapedMs);
    const limited = all.filter(({ series }) => !ids.has(seriesKey(series))).length;
    const rows = new MetricRows();
    for (const point of withNumbers(all, ids)) rows.add(project, point);
    await ensurePartitions(
      this.#db,
      "metric_point",
      new Set(all.map(({ atUs }) => Math.floor(atUs / 1_000))),
    );
    const noted =
      limited === 0
        ? outcome
        : {
            ...outcome,
            refused: outcome.refused + this.#countRefused({ series_limit: limited }),
            problem: refusedSentence({ series_limit: limited }),
          };
    await inTransaction(this.#db, async (client) => {
      await append(client, (to) => rows.addTo(to));
      await noteScrape(client, project, target.name, noted);
    });
    this.#options.metrics
      .counter("viascope_scrapes_total", "Pages that were scraped.", {
        outcome: outcome.up ? "up" : "down",
      })
      .add(1);
  }

  #isTimely(atUs: number, nowMs: number): boolean {
    const atMs = atUs / 1_000;
    return atMs > nowMs - this.#options.retentionMs && atMs < nowMs + 86_400_000;
  }

  #countRefused(byKind: Readonly<Record<string, number>>): number {
    let refused = 0;
    for (const [reason, samples] of Object.entries(byKind)) {
      refused += samples;
      this.#options.metrics
        .counter("viascope_scrape_rejected_total", "Samples refused, by reason.", { reason })
        .add(samples);
    }
    return refused;
  }
}

/** The scraper of the settings' targets. */
export function scraperFor(db: Database, project: number, settings: RoleSettings): Scraper {
  return new Scraper(db, {
    project,
    ...settings.scrape,
    seriesMax: settings.metricSeriesMax,
    retentionMs: settings.retention.metrics * 86_400_000,
    metrics,
  });
}

const reasons = new Map([
  ["syntax", "are not in Prometheus' format"],
  ["labels", "have more than 64 labels"],
  ["value", "have a value that is no finite number"],
  ["histogram", "are of a histogram whose buckets do not fit"],
  ["sample_limit", `come after the first ${samplesMax}`],
  ["series_limit", "are of new series beyond VIASCOPE_METRIC_SERIES_MAX"],
]);

function refusedSentence(byKind: Readonly<Record<string, number>>): string {
  const parts = Object.entries(byKind).map(
    ([kind, count]) => `${count} ${reasons.get(kind) ?? kind}`,
  );
  return `Samples refused: ${parts.join("; ")}.`;
}

/** What Prometheus adds to every page that it scrapes. */
function ownPoints(
  { proxy, instance, atUs }: { proxy: string; instance: string; atUs: number },
  { up, durationMs, samples }: ScrapeOutcome,
): MetricPoint[] {
  const gauge = (name: string, unit: string, value: number): MetricPoint => ({
    series: {
      origin: "scrape",
      proxy,
      instance,
      name,
      unit,
      kind: "gauge",
      temporality: "none",
      attributes: {},
    },
    atUs,
    startUs: null,
    value,
    histogram: null,
  });
  return [
    gauge("up", "1", up ? 1 : 0),
    gauge("scrape_duration_seconds", "s", durationMs / 1_000),
    gauge("scrape_samples_scraped", "", samples),
  ];
}
