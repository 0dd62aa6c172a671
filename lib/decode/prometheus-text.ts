import type { MetricPoint, MetricSeries } from "#lib/core/metric.ts";

import { Families } from "./prometheus/families.ts";
import { sampleOf } from "./prometheus/sample.ts";

/** Whose numbers a page shows, and when they were read. */
export interface PageOrigin {
  readonly proxy: string;
  readonly instance: string;
  readonly atUs: number;
  /** Whether the page said that it is OpenMetrics: its times are seconds, Prometheus' own are milliseconds. */
  readonly openMetrics: boolean;
  /** Samples beyond it are refused. */
  readonly samplesMax: number;
}

export interface DecodedPage {
  readonly points: MetricPoint[];
  /** Samples of the page, refused ones included. */
  readonly samples: number;
  /** Reason → how many samples. */
  readonly rejectedByKind: Readonly<Record<string, number>>;
}

/** Reads a page in Prometheus' text format or OpenMetrics; a line that is none is refused alone. */
export function decodePrometheusPage(text: string, origin: PageOrigin): DecodedPage {
  const families = new Families();
  const rejected = new Map<string, number>();
  let samples = 0;
  for (const line of linesOf(text)) {
    if (line.startsWith("#")) {
      if (/^# *EOF$/.test(line)) break;
      families.describe(line);
      continue;
    }
    samples += 1;
    const sample =
      samples > origin.samplesMax ? "sample_limit" : sampleOf(line, origin.openMetrics);
    if (typeof sample === "string") rejected.set(sample, (rejected.get(sample) ?? 0) + 1);
    else families.add(sample);
  }
  const points = families.readings((kind) => rejected.set(kind, (rejected.get(kind) ?? 0) + 1));
  return {
    points: points.map((reading) => ({
      ...reading,
      series: { ...seriesBase(origin), ...reading.series },
      atUs: reading.atUs ?? origin.atUs,
    })),
    samples,
    rejectedByKind: Object.fromEntries(rejected),
  };
}

function seriesBase({
  proxy,
  instance,
}: PageOrigin): Pick<MetricSeries, "origin" | "proxy" | "instance"> {
  return { origin: "scrape", proxy, instance };
}

function* linesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    const end = text.indexOf("\n", at);
    const line = text.slice(at, end === -1 ? text.length : end).trim();
    if (line !== "") yield line;
    at = end === -1 ? text.length : end + 1;
  }
}
