import type { MetricPoint, MetricSeries, Temporality } from "#lib/core/metric.ts";

import { attributeText } from "./otlp/attribute-text.ts";
import { Cursor } from "./otlp/cursor.ts";
import {
  attributesMax,
  type DataPoint,
  exponentialPoint,
  explicitPoint,
  numberPoint,
  type Reading,
  summaryPoint,
} from "./otlp/data-points.ts";
import { eachField, lastField, lazily } from "./otlp/each-field.ts";
import { type PointRejection, PointRejections } from "./otlp/point-rejections.ts";
import { textOf } from "./strings.ts";

/** A point, and the ordinal of the data point it stands in; a summary is several points. */
export interface DecodedPoint extends MetricPoint {
  readonly position: number;
}

export interface DecodedMetrics {
  readonly points: DecodedPoint[];
  /** Data points in the payload, rejected ones included. */
  readonly total: number;
  /** One sentence for each reason. */
  readonly rejections: string[];
  /** Reason → how many data points. */
  readonly rejectedByKind: Record<string, number>;
}

const nameLengthMax = 300;
/** Readings taken of one payload: a data point can be of twenty bytes, and each reading becomes many more. */
const pointsMax = 200_000;

const tags = {
  resourceMetrics: 0x0a,
  resource: 0x0a,
  scopeMetrics: 0x12,
  metric: 0x12,
  attributes: 0x0a,
  name: 0x0a,
  unit: 0x1a,
  dataPoint: 0x0a,
  temporality: 0x10,
  monotonic: 0x18,
  /** A log record has its time, and a span its start, where no metric has a field. */
  logTime: 0x09,
  spanStart: 0x39,
} as const;

type Shape = "gauge" | "sum" | "histogram" | "exponential" | "summary";
const shapes = new Map<number, Shape>([
  [0x2a, "gauge"],
  [0x3a, "sum"],
  [0x4a, "histogram"],
  [0x52, "exponential"],
  [0x5a, "summary"],
]);
const readers: Record<Shape, (cursor: Cursor) => DataPoint> = {
  gauge: numberPoint,
  sum: numberPoint,
  histogram: explicitPoint,
  exponential: exponentialPoint,
  summary: summaryPoint,
};
const temporalityOf = new Map<number, Temporality>([
  [1, "delta"],
  [2, "cumulative"],
]);

/** Reads an ExportMetricsServiceRequest in protobuf; throws MalformedPayload when it is none. Exemplars are left out. */
export function decodeMetrics(payload: Uint8Array): DecodedMetrics {
  return new MetricsReader(payload).read();
}

type Origin = Pick<MetricSeries, "proxy" | "instance">;

/** The head of a metric, and where its data stand. */
interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly data: { readonly shape: Shape; readonly start: number; readonly end: number } | null;
  readonly mistaken: PointRejection | null;
}

class MetricsReader {
  readonly #cursor: Cursor;
  readonly #points: DecodedPoint[] = [];
  readonly #rejections = new PointRejections();
  #position = 0;

  constructor(payload: Uint8Array) {
    this.#cursor = new Cursor(payload);
  }

  read(): DecodedMetrics {
    const cursor = this.#cursor;
    eachField(cursor, tags.resourceMetrics, () => {
      const { at, end } = cursor;
      const origin = lazily(() => originOf(lastField(cursor.bytes, at, end, tags.resource)));
      eachField(cursor, tags.scopeMetrics, () => {
        eachField(cursor, tags.metric, () => this.#metric(origin));
      });
    });
    return {
      points: this.#points,
      total: this.#position,
      rejections: this.#rejections.sentences(),
      rejectedByKind: this.#rejections.byKind(),
    };
  }

  #metric(origin: () => Origin): void {
    const metric = headOf(this.#cursor);
    if (metric.mistaken !== null) {
      this.#reject(metric.mistaken);
      return;
    }
    if (metric.data === null) return;
    const cursor = new Cursor(this.#cursor.bytes.subarray(metric.data.start, metric.data.end));
    const { temporality, monotonic } = natureOf(cursor.bytes);
    const { shape } = metric.data;
    const base = { ...origin(), origin: "otlp", name: metric.name, unit: metric.unit } as const;
    const kind = shape === "sum" ? (monotonic ? "counter" : "updown") : shapeKinds[shape];
    const needsTemporality = shape !== "gauge" && shape !== "summary";
    eachField(cursor, tags.dataPoint, () => {
      const point = readers[shape](cursor);
      const wrong = nameless(metric.name) ?? faultOf(point);
      if (wrong !== null) this.#reject(wrong);
      else if (needsTemporality && temporality === null) this.#reject("temporality");
      else if (this.#points.length >= pointsMax) this.#reject("too_many_records");
      else {
        this.#take({ ...base, kind, temporality: temporality ?? "none" }, point);
        this.#position += 1;
      }
    });
  }

  #take(base: Omit<MetricSeries, "attributes">, point: DataPoint): void {
    const { atUs, startUs } = point;
    for (const reading of point.readings) {
      const series = seriesOf(base, point.attributes, reading);
      const { value, histogram } = reading;
      this.#points.push({ series, atUs, startUs, value, histogram, position: this.#position });
    }
  }

  #reject(kind: PointRejection): void {
    this.#rejections.add(kind);
    this.#position += 1;
  }
}

const shapeKinds = {
  gauge: "gauge",
  histogram: "histogram",
  exponential: "histogram",
  summary: "gauge",
} as const;

/** A summary's quantiles are gauges, its sum and count are counters beside them. */
function seriesOf(
  base: Omit<MetricSeries, "attributes">,
  attributes: MetricSeries["attributes"],
  { part }: Reading,
): MetricSeries {
  if (part === null) return { ...base, attributes };
  if ("quantile" in part) {
    return { ...base, attributes: { ...attributes, quantile: String(part.quantile) } };
  }
  const name = `${base.name}_${part.suffix}`;
  const unit = part.suffix === "count" ? "" : base.unit;
  return { ...base, name, unit, kind: "counter", temporality: "cumulative", attributes };
}

function nameless(name: string): PointRejection | null {
  return name === "" || name.length > nameLengthMax ? "name" : null;
}

function faultOf(point: DataPoint): PointRejection | null {
  if (point.fault !== null) return point.fault;
  if (point.atUs === 0) return "time";
  if (Object.keys(point.attributes).length > attributesMax) return "attributes";
  return null;
}

function headOf(cursor: Cursor): Metric {
  let name = "";
  let unit = "";
  let data: Metric["data"] = null;
  let mistaken: PointRejection | null = null;
  while (cursor.next()) {
    const shape = shapes.get(cursor.tag);
    if (cursor.tag === tags.logTime) mistaken = "log_record";
    if (cursor.tag === tags.spanStart) mistaken = "span";
    if (shape === undefined && cursor.tag !== tags.name && cursor.tag !== tags.unit) {
      cursor.skip();
      continue;
    }
    const { tag } = cursor;
    const outer = cursor.enter();
    if (shape !== undefined) data = { shape, start: cursor.at, end: cursor.end };
    else if (tag === tags.name) name = textOf(cursor, cursor.at, cursor.end);
    else unit = textOf(cursor, cursor.at, cursor.end).slice(0, 60).toWellFormed();
    cursor.leave(outer);
  }
  return { name, unit, data, mistaken };
}

/** What stands beside the points of a sum or histogram, before or behind them. */
function natureOf(data: Uint8Array): {
  readonly temporality: Temporality | null;
  readonly monotonic: boolean;
} {
  const cursor = new Cursor(data);
  let temporality: Temporality | null = null;
  let monotonic = false;
  while (cursor.next()) {
    if (cursor.tag === tags.temporality) temporality = temporalityOf.get(cursor.varint()) ?? null;
    else if (cursor.tag === tags.monotonic) monotonic = cursor.varint() !== 0;
    else cursor.skip();
  }
  return { temporality, monotonic };
}

function originOf(resource: Uint8Array): Origin {
  const cursor = new Cursor(resource);
  const found = new Map<string, string>();
  eachField(cursor, tags.attributes, () => {
    const { key, text } = attributeText(cursor);
    found.set(key, text);
  });
  const named = (key: string): string | null => {
    const text = found.get(key) ?? "";
    return text === "" ? null : text;
  };
  return {
    proxy: named("service.name") ?? "unknown_service",
    instance: named("service.instance.id") ?? named("host.name"),
  };
}
