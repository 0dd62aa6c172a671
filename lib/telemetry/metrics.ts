export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(amount: number): void;
}

export interface Gauge {
  set(value: number): void;
}

export interface Histogram {
  observe(value: number): void;
}

export type MetricKind = "counter" | "gauge" | "histogram";

/** One series as it stands now. */
export interface Reading {
  readonly name: string;
  readonly kind: MetricKind;
  readonly help: string;
  readonly labels: Labels;
  readonly value: number;
}

/** A histogram as it stands now: how many values lie in each bucket, the last one without a bound. */
export interface Distribution {
  readonly name: string;
  readonly labels: Labels;
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** All series of one name as they stand now, as a scrape sees them: a histogram is several names. */
export interface FamilySnapshot {
  readonly name: string;
  readonly kind: MetricKind;
  readonly help: string;
  readonly samples: readonly {
    readonly name: string;
    readonly labels: Labels;
    readonly value: number;
  }[];
}

/** Series of one process. Asking twice for the same name and labels gives the same series. */
export interface Metrics {
  counter(name: string, help: string, labels?: Labels): Counter;
  gauge(name: string, help: string, labels?: Labels): Gauge;
  /** A gauge that is read when somebody looks. */
  observe(name: string, help: string, read: () => number, labels?: Labels): void;
  /** Upper bounds ascending; a last bucket without a bound is added. */
  histogram(name: string, help: string, bounds: readonly number[], labels?: Labels): Histogram;
  readings(): Reading[];
  /** Every histogram as it stands now. */
  distributions(): Distribution[];
  snapshot(): FamilySnapshot[];
  /** Prometheus text format 0.0.4. */
  text(): string;
}

/** Snapshots in Prometheus text format 0.0.4. */
export function metricsText(families: readonly FamilySnapshot[]): string {
  return families
    .map(({ name, kind, help, samples }) => {
      const head = `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${kind}\n`;
      return (
        head + samples.map((one) => `${one.name}${labelText(one.labels)} ${one.value}\n`).join("")
      );
    })
    .join("");
}

/** The series of several processes as one, each with the label `process`. */
export function mergedFamilies(
  processes: ReadonlyMap<string, readonly FamilySnapshot[]>,
): FamilySnapshot[] {
  const labelled = [...processes].flatMap(([process, families]) =>
    families.map((family) => ({
      ...family,
      samples: family.samples.map((one) => ({ ...one, labels: { ...one.labels, process } })),
    })),
  );
  return [...Map.groupBy(labelled, ({ name }) => name).values()].flatMap((members) => {
    const [first] = members;
    return first === undefined
      ? []
      : [{ ...first, samples: members.flatMap(({ samples }) => samples) }];
  });
}

export function createMetrics(): Metrics {
  const families = new Map<string, Family>();
  const seriesOf = (kind: MetricKind, name: string, help: string, labels: Labels) => {
    const family = familyOf(families, { kind, name, help });
    const key = labelText(labels);
    const known = family.series.get(key);
    const series = known ?? { labels, value: 0, read: null, buckets: null };
    if (known === undefined) family.series.set(key, series);
    return series;
  };
  return {
    counter(name, help, labels = {}) {
      const series = seriesOf("counter", name, help, labels);
      return { add: (amount) => void (series.value += amount) };
    },
    gauge(name, help, labels = {}) {
      const series = seriesOf("gauge", name, help, labels);
      return { set: (value) => void (series.value = value) };
    },
    observe(name, help, read, labels = {}) {
      seriesOf("gauge", name, help, labels).read = read;
    },
    histogram(name, help, bounds, labels = {}) {
      const series = seriesOf("histogram", name, help, labels);
      const buckets = (series.buckets ??= { bounds, counts: Array(bounds.length + 1).fill(0) });
      return {
        observe(value) {
          const place = bounds.findIndex((bound) => value <= bound);
          const index = place < 0 ? bounds.length : place;
          buckets.counts[index] = (buckets.counts[index] ?? 0) + 1;
          series.value += value;
        },
      };
    },
    readings: () => [...families.values()].flatMap(readingsOf),
    distributions: () => [...families.values()].flatMap(distributionsOf),
    snapshot: () => [...families.values()].map(snapshotOf),
    text: () => metricsText([...families.values()].map(snapshotOf)),
  };
}

/** The series of this process, which /metrics shows. */
export const metrics: Metrics = createMetrics();

interface Series {
  readonly labels: Labels;
  /** For a histogram the sum of what was observed. */
  value: number;
  read: (() => number) | null;
  buckets: { readonly bounds: readonly number[]; readonly counts: number[] } | null;
}

interface Family {
  readonly kind: MetricKind;
  readonly name: string;
  readonly help: string;
  readonly series: Map<string, Series>;
}

function familyOf(families: Map<string, Family>, facts: Omit<Family, "series">): Family {
  const known = families.get(facts.name);
  if (known === undefined) {
    const family = { ...facts, series: new Map<string, Series>() };
    families.set(facts.name, family);
    return family;
  }
  if (known.kind !== facts.kind) throw new TypeError(`${facts.name} is already a ${known.kind}`);
  return known;
}

function readingsOf(family: Family): Reading[] {
  const { name, kind, help } = family;
  if (kind === "histogram") {
    return [...family.series.values()].flatMap((series) => [
      {
        name: `${name}_sum`,
        kind: "counter" as const,
        help,
        labels: series.labels,
        value: series.value,
      },
      {
        name: `${name}_count`,
        kind: "counter" as const,
        help,
        labels: series.labels,
        value: countOf(series),
      },
    ]);
  }
  return [...family.series.values()].map((series) => ({
    name,
    kind,
    help,
    labels: series.labels,
    value: series.read === null ? series.value : series.read(),
  }));
}

function distributionsOf({ name, series }: Family): Distribution[] {
  return [...series.values()].flatMap(({ labels, buckets }) =>
    buckets === null ? [] : [{ name, labels, bounds: buckets.bounds, counts: [...buckets.counts] }],
  );
}

function snapshotOf({ name, kind, help, series }: Family): FamilySnapshot {
  const samples = [...series.values()].flatMap((one) => samplesOf(name, one));
  return { name, kind, help, samples };
}

function samplesOf(name: string, series: Series): FamilySnapshot["samples"] {
  const { labels, buckets, read, value } = series;
  if (buckets === null) return [{ name, labels, value: read === null ? value : read() }];
  let below = 0;
  const lines = buckets.counts.map((count, place) => {
    below += count;
    const le = String(buckets.bounds[place] ?? "+Inf");
    return { name: `${name}_bucket`, labels: { ...labels, le }, value: below };
  });
  return [
    ...lines,
    { name: `${name}_sum`, labels, value },
    { name: `${name}_count`, labels, value: below },
  ];
}

function countOf(series: Series): number {
  return series.buckets?.counts.reduce((sum, count) => sum + count, 0) ?? 0;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels);
  if (pairs.length === 0) return "";
  return `{${pairs.map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`).join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
