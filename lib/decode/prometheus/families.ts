import { bucketsMax } from "#lib/core/metric-histogram.ts";
import type { MetricHistogram, MetricPoint, MetricSeries } from "#lib/core/metric.ts";

import type { Sample } from "./sample.ts";

/** A point without what all of a page share. */
export type PageReading = Omit<MetricPoint, "series" | "atUs"> & {
  readonly series: Omit<MetricSeries, "origin" | "proxy" | "instance">;
  readonly atUs: number | null;
};

type FamilyType = "counter" | "gauge" | "histogram" | "unknown";
const types = new Map<string, FamilyType>([
  ["counter", "counter"],
  ["gauge", "gauge"],
  ["histogram", "histogram"],
  ["info", "gauge"],
  ["stateset", "gauge"],
]);
const description = /^#\s*(TYPE|UNIT)\s+(\S+)\s+(\S+)/;
const suffixes = ["_total", "_bucket", "_sum", "_count", "_created"] as const;
type Suffix = (typeof suffixes)[number] | "";
/** Families that a page may describe. */
const familiesMax = 20_000;

/** One histogram while its lines are read. */
interface OpenHistogram {
  readonly name: string;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly below: Map<number, number>;
  sum: number | null;
  atUs: number | null;
}

/** Gathers the samples of a page into series: the lines of a histogram are one. */
export class Families {
  readonly #types = new Map<string, FamilyType>();
  readonly #units = new Map<string, string>();
  readonly #readings: PageReading[] = [];
  readonly #histograms = new Map<string, OpenHistogram>();
  readonly #created = new Map<string, number>();
  #notFinite = 0;

  /** A comment; those that describe a family are noted. */
  describe(line: string): void {
    const [, word, name, value] = description.exec(line) ?? [];
    if (name === undefined || value === undefined) return;
    if (this.#types.size + this.#units.size > familiesMax) return;
    if (word === "TYPE") this.#types.set(name, types.get(value) ?? "unknown");
    else this.#units.set(name, value.slice(0, 60));
  }

  add(sample: Sample): void {
    const { family, suffix, type } = this.#familyOf(sample.name);
    if (suffix === "_created") this.#created.set(this.#key(family, sample.labels), sample.value);
    else if (type === "histogram" && suffix !== "" && suffix !== "_total") {
      this.#addToHistogram(family, suffix, sample);
    } else this.#addNumber(family, type, suffix, sample);
  }

  /** Every series of the page; `refuse` is told of each sample that is none. */
  readings(refuse: (kind: "value" | "histogram") => void): PageReading[] {
    for (let count = 0; count < this.#notFinite; count += 1) refuse("value");
    const whole = this.#readings.map((reading) => this.#withStart(reading));
    for (const open of this.#histograms.values()) {
      const histogram = histogramOf(open);
      if (histogram === null) {
        refuse("histogram");
        continue;
      }
      const { name, unit, attributes, atUs } = open;
      const value = histogram.counts.reduce((sum, count) => sum + count, 0);
      const series = {
        name,
        unit,
        kind: "histogram",
        temporality: "cumulative",
        attributes,
      } as const;
      whole.push(this.#withStart({ series, atUs, startUs: null, value, histogram }));
    }
    return whole;
  }

  #addNumber(family: string, type: FamilyType, suffix: Suffix, sample: Sample): void {
    const { name, labels, value, atUs } = sample;
    // Not measured: a quantile of nothing, a weight of no server.
    if (Number.isNaN(value)) return;
    if (!Number.isFinite(value)) {
      this.#notFinite += 1;
      return;
    }
    const counts = type === "counter" || (type === "unknown" && suffix !== "");
    const kind = counts ? "counter" : "gauge";
    const temporality = counts ? "cumulative" : "none";
    const unit = suffix === "_count" ? "" : this.#unitOf(family);
    const series = { name, unit, kind, temporality, attributes: labels } as const;
    this.#readings.push({ series, atUs, startUs: null, value, histogram: null });
  }

  #addToHistogram(family: string, suffix: Suffix, sample: Sample): void {
    const { le = "", ...attributes } = sample.labels;
    const key = this.#key(family, attributes);
    let open = this.#histograms.get(key);
    if (open === undefined) {
      const unit = this.#unitOf(family);
      open = { name: family, unit, attributes, below: new Map(), sum: null, atUs: sample.atUs };
      this.#histograms.set(key, open);
    }
    if (suffix === "_sum") open.sum = Number.isFinite(sample.value) ? sample.value : null;
    else if (suffix === "_count") open.below.set(Infinity, sample.value);
    else open.below.set(le === "+Inf" ? Infinity : Number(le), sample.value);
  }

  #withStart(reading: PageReading): PageReading {
    if (reading.series.temporality !== "cumulative") return reading;
    const { family } = this.#familyOf(reading.series.name);
    const created = this.#created.get(this.#key(family, reading.series.attributes));
    return created === undefined || !Number.isFinite(created)
      ? reading
      : { ...reading, startUs: Math.round(created * 1e6) };
  }

  /** The family that a sample is of: the name itself where it is described, else the name without its suffix. */
  #familyOf(name: string): { family: string; suffix: Suffix; type: FamilyType } {
    const suffix = suffixes.find((one) => name.endsWith(one)) ?? "";
    const own = this.#types.get(name);
    const family = name.slice(0, name.length - suffix.length);
    const stem = this.#types.get(family);
    if (suffix !== "" && stem !== undefined && (own === undefined || stem === "histogram")) {
      return { family, suffix, type: stem };
    }
    if (own !== undefined) return { family: name, suffix: "", type: own };
    if (suffix === "_total") return { family: name, suffix, type: "unknown" };
    return { family: name, suffix: "", type: "unknown" };
  }

  #unitOf(family: string): string {
    const said = this.#units.get(family);
    if (said !== undefined) return unitWords.get(said) ?? said;
    const stem = family.replace(/_total$/, "");
    return unitWords.get(stem.slice(stem.lastIndexOf("_") + 1)) ?? "";
  }

  #key(family: string, labels: Readonly<Record<string, string>>): string {
    const pairs = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([family, pairs]);
  }
}

/** Prometheus writes base units in words, at the end of names; OpenTelemetry writes them as UCUM does. */
const unitWords = new Map([
  ["seconds", "s"],
  ["milliseconds", "ms"],
  ["microseconds", "us"],
  ["bytes", "By"],
  ["ratio", "1"],
  ["percent", "%"],
]);

/** Counts between the bounds, from counts up to each of them; null when those do not ascend or the last is missing. */
function histogramOf({ below, sum }: OpenHistogram): MetricHistogram | null {
  const ascending = [...below].toSorted(([a], [b]) => a - b);
  if (ascending.length > bucketsMax || ascending.at(-1)?.[0] !== Infinity) return null;
  const bounds = ascending.slice(0, -1).map(([bound]) => bound);
  const counts = ascending.map(([, count], place) => count - (ascending[place - 1]?.[1] ?? 0));
  const good = counts.every((count) => count >= 0) && bounds.every(Number.isFinite);
  return good ? { bounds, counts, sum } : null;
}
