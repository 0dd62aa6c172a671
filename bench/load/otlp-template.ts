import {
  attribute,
  attributeInt,
  fieldHead,
  message,
  raw,
  text,
  varint,
  zeros,
} from "./protobuf.ts";

/** The kind of a span, and which span of its trace is above it; null for the one on top. */
export interface SpanShape {
  readonly kind: "server" | "internal" | "client";
  readonly parent: number | null;
}

/** What a request holds for each span: the span, or a log record that has its ids and its duration as attributes. */
export type RecordForm = "span" | "logRecord";

/** Where the varying bytes of a span stand in its request; -1 for what it has none of. */
export interface SpanPlaces {
  readonly traceId: number;
  readonly spanId: number;
  readonly parentId: number;
  readonly start: number;
  readonly end: number;
  /** A varint of so many bytes as `durationBytes` says. */
  readonly duration: number;
  readonly status: number;
  readonly path: number;
  readonly upstream: number;
}

/** A request that is complete but for what varies. */
export interface RequestTemplate {
  readonly bytes: Buffer;
  readonly spans: readonly SpanPlaces[];
}

/** For nanoseconds up to an hour. */
export const durationBytes = 6;

/** What every path has the length of. */
const pathTemplate = "/github.com/o00/aaaaaaaaaa/@v/v0.0.0.info".padEnd(48, "?");

/**
 * Encodes an ExportTraceServiceRequest of one proxy with these spans, 12 attributes each, those of INTERNAL spans 3;
 * or an ExportLogsServiceRequest, which is the same but for its records.
 */
export function requestTemplate(shapes: readonly SpanShape[], form: RecordForm): RequestTemplate {
  const resource = message(1, [
    ...attribute(1, "service.name", "module-proxy"),
    ...attribute(1, "service.version", "0.18.0"),
    ...attribute(1, "host.name", "proxy-7f9c6d5b4-x2x9p"),
  ]);
  const scope = message(1, [...text(1, "github.com/gomods/athens"), ...text(2, "0.18.0")]);
  const templates = new Map(shapes.map((shape) => [shape, recordTemplate(shape, form)]));
  const parts = shapes.flatMap((shape) => templates.get(shape) ?? []);
  const spansLength = parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const scopeHead = fieldHead(2, scope.length + spansLength);
  const resourceHead = fieldHead(
    1,
    resource.length + scopeHead.length + scope.length + spansLength,
  );
  const before = [...resourceHead, ...resource, ...scopeHead, ...scope];
  let at = before.length;
  const spans = parts.map(({ bytes, places }) => {
    const moved = shifted(places, at);
    at += bytes.length;
    return moved;
  });
  const bytes = Buffer.concat([Buffer.from(before), ...parts.map((part) => part.bytes)]);
  return { bytes, spans };
}

function shifted(places: SpanPlaces, by: number): SpanPlaces {
  const move = (place: number): number => (place < 0 ? place : place + by);
  return {
    traceId: move(places.traceId),
    spanId: move(places.spanId),
    parentId: move(places.parentId),
    start: move(places.start),
    end: move(places.end),
    duration: move(places.duration),
    status: move(places.status),
    path: move(places.path),
    upstream: move(places.upstream),
  };
}

/** A span or a log record, framed as a field of its request. */
interface RecordTemplate {
  readonly bytes: Buffer;
  readonly places: SpanPlaces;
}

function recordTemplate(shape: SpanShape, form: RecordForm): RecordTemplate {
  const to = new Template();
  const begin = form === "span" ? beginSpan(to, shape) : beginLogRecord(to, shape);
  const facts = addFacts(to, shape, form === "span" ? 9 : 6);
  const head = fieldHead(2, to.bytes.length);
  return {
    bytes: Buffer.from([...head, ...to.bytes]),
    places: shifted({ ...begin, ...facts }, head.length),
  };
}

/** Bytes that are appended to, with places counted from their begin. */
class Template {
  readonly bytes: number[] = [];

  /** Where the last of the bytes stand, of which so many vary. */
  add(part: readonly number[], varying = 0): number {
    this.bytes.push(...part);
    return this.bytes.length - varying;
  }
}

type Facts = Pick<SpanPlaces, "status" | "path" | "upstream">;
type Begin = Omit<SpanPlaces, keyof Facts>;

const kinds = { internal: 1, server: 2, client: 3 } as const;

function nameOf({ kind }: SpanShape): string {
  return kind === "internal" ? "protocol.Info" : "GET";
}

function beginSpan(to: Template, shape: SpanShape): Begin {
  const traceId = to.add(raw(1, 16), 16);
  const spanId = to.add(raw(2, 8), 8);
  const parentId = shape.parent === null ? -1 : to.add(raw(4, 8), 8);
  to.add(text(5, nameOf(shape)));
  to.add([0x30, kinds[shape.kind]]);
  const start = to.add([0x39, ...zeros(8)], 8);
  const end = to.add([0x41, ...zeros(8)], 8);
  return { traceId, spanId, parentId, start, end, duration: -1 };
}

/** Ids are in hex, as who looks for them writes them. */
function beginLogRecord(to: Template, shape: SpanShape): Begin {
  const id = (key: string, digits: number): number =>
    to.add(attribute(6, key, "0".repeat(digits)), digits);
  const start = to.add([0x09, ...zeros(8)], 8);
  to.add(message(5, text(1, nameOf(shape))));
  const traceId = id("trace_id", 32);
  const spanId = id("span_id", 16);
  const parentId = shape.parent === null ? -1 : id("parent_span_id", 16);
  to.add(attributeInt(6, "kind", [kinds[shape.kind]]));
  to.add(attributeInt(6, "status_code", [0]));
  const duration = to.add(attributeInt(6, "duration", zeros(durationBytes)), durationBytes);
  return { traceId, spanId, parentId, start, end: -1, duration };
}

/** The attributes, in the field that holds those of a record. */
function addFacts(to: Template, { kind }: SpanShape, field: number): Facts {
  const add = (key: string, value: string): number => to.add(attribute(field, key, value));
  const addInt = (key: string, value: number): number =>
    to.add(attributeInt(field, key, varint(value)));
  if (kind === "internal") {
    add("code.function.name", "protocol.Info");
    add("module.host", "github.com");
    add("storage.kind", "disk");
    return { status: -1, path: -1, upstream: -1 };
  }
  const server = kind === "server";
  add("http.request.method", "GET");
  add("network.protocol.version", "1.1");
  add("url.scheme", "https");
  const path = add("url.path", pathTemplate) - pathTemplate.length;
  add("user_agent.original", "Go-http-client/2.0");
  const status = addInt("http.response.status_code", 200) - 2;
  addInt("http.response.body.size", 1_234);
  addInt("server.port", 443);
  const named = add("server.address", server ? "goproxy.internal" : "m00.mirror");
  add("network.peer.address", "10.42.7.19");
  add("client.address", "10.42.1.77");
  add("proxy.cache.result", server ? "miss" : "none");
  const upstream = server ? -1 : named - "00.mirror".length;
  return { status, path, upstream };
}
