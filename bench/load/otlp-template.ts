/** The kind of a span, and which span of its trace is above it; null for the one on top. */
export interface SpanShape {
  readonly kind: "server" | "internal" | "client";
  readonly parent: number | null;
}

/** Where the varying bytes of a span stand in its request; -1 for what it has none of. */
export interface SpanPlaces {
  readonly traceId: number;
  readonly spanId: number;
  readonly parentId: number;
  readonly start: number;
  readonly end: number;
  readonly status: number;
  readonly path: number;
  readonly upstream: number;
}

/** A request that is complete but for what varies. */
export interface RequestTemplate {
  readonly bytes: Buffer;
  readonly spans: readonly SpanPlaces[];
}

/** What every path has the length of. */
const pathTemplate = "/github.com/o00/aaaaaaaaaa/@v/v0.0.0.info".padEnd(48, "?");

/** Encodes an ExportTraceServiceRequest of one proxy with these spans, 12 attributes each, those of INTERNAL spans 3. */
export function requestTemplate(shapes: readonly SpanShape[]): RequestTemplate {
  const resource = message(1, [
    ...attribute("service.name", "module-proxy", 1),
    ...attribute("service.version", "0.18.0", 1),
    ...attribute("host.name", "proxy-7f9c6d5b4-x2x9p", 1),
  ]);
  const scope = message(1, [...text(1, "github.com/gomods/athens"), ...text(2, "0.18.0")]);
  const templates = new Map(shapes.map((shape) => [shape, spanTemplate(shape)]));
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
    status: move(places.status),
    path: move(places.path),
    upstream: move(places.upstream),
  };
}

/** A span framed as a field of its request. */
interface SpanTemplate {
  readonly bytes: Buffer;
  readonly places: SpanPlaces;
}

function spanTemplate(shape: SpanShape): SpanTemplate {
  const { bytes, places } = spanBody(shape);
  const head = fieldHead(2, bytes.length);
  return { bytes: Buffer.from([...head, ...bytes]), places: shifted(places, head.length) };
}

function spanBody({ kind, parent }: SpanShape): { bytes: number[]; places: SpanPlaces } {
  const bytes: number[] = [];
  const add = (part: readonly number[]): number => {
    bytes.push(...part);
    return bytes.length;
  };
  const traceId = add(raw(1, 16)) - 16;
  const spanId = add(raw(2, 8)) - 8;
  const parentId = parent === null ? -1 : add(raw(4, 8)) - 8;
  add(text(5, kind === "internal" ? "protocol.Info" : "GET"));
  add([0x30, { internal: 1, server: 2, client: 3 }[kind]]);
  const start = add([0x39, ...zeros(8)]) - 8;
  const end = add([0x41, ...zeros(8)]) - 8;
  const times = { traceId, spanId, parentId, start, end };
  if (kind === "internal") {
    add(attribute("code.function.name", "protocol.Info"));
    add(attribute("module.host", "github.com"));
    add(attribute("storage.kind", "disk"));
    return { bytes, places: { ...times, status: -1, path: -1, upstream: -1 } };
  }
  const server = kind === "server";
  add(attribute("http.request.method", "GET"));
  add(attribute("network.protocol.version", "1.1"));
  add(attribute("url.scheme", "https"));
  const path = add(attribute("url.path", pathTemplate)) - pathTemplate.length;
  add(attribute("user_agent.original", "Go-http-client/2.0"));
  const status = add(attributeInt("http.response.status_code", 200)) - 2;
  add(attributeInt("http.response.body.size", 1_234));
  add(attributeInt("server.port", 443));
  const named = add(attribute("server.address", server ? "goproxy.internal" : "m00.mirror"));
  add(attribute("network.peer.address", "10.42.7.19"));
  add(attribute("client.address", "10.42.1.77"));
  add(attribute("proxy.cache.result", server ? "miss" : "none"));
  const upstream = server ? -1 : named - "00.mirror".length;
  return { bytes, places: { ...times, status, path, upstream } };
}

function message(field: number, body: readonly number[]): number[] {
  return [...fieldHead(field, body.length), ...body];
}

/** The tag and the length of a field of bytes. */
function fieldHead(field: number, length: number): number[] {
  return [...varint((field << 3) | 2), ...varint(length)];
}

function text(field: number, value: string): number[] {
  return message(field, [...Buffer.from(value)]);
}

function raw(field: number, bytes: number): number[] {
  return message(field, zeros(bytes));
}

/** A text attribute; field 9 holds those of a span, field 1 those of a resource. */
function attribute(key: string, value: string, field = 9): number[] {
  return message(field, [...text(1, key), ...message(2, text(1, value))]);
}

/** An integer attribute whose value takes two bytes. */
function attributeInt(key: string, value: number): number[] {
  return message(9, [...text(1, key), ...message(2, [0x18, ...varint(value)])]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

function zeros(count: number): number[] {
  return Array<number>(count).fill(0);
}
