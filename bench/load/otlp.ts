import type { Random } from "./random.ts";

/**
 * OTLP/protobuf requests as a proxy's exporter sends them: pairs of a SERVER and a CLIENT span with 12 attributes each.
 * One template is encoded once; every request then gets its own ids, times, latencies, statuses and paths in place,
 * so that no data ever repeats and the client costs little beside the server.
 */
export class OtlpRequests {
  readonly #template: Buffer;
  readonly #spans: readonly SpanPlaces[];
  readonly #random: Random;

  constructor(spans: number, random: Random) {
    const writer = new TemplateWriter();
    this.#template = writer.request(spans);
    this.#spans = writer.places;
    this.#random = random;
  }

  /** A fresh request body; its spans end about now. */
  next(nowMs: number): Buffer {
    const body = Buffer.from(this.#template);
    for (let at = 0; at + 1 < this.#spans.length; at += 2) {
      this.#fillPair(body, this.#spans[at], this.#spans[at + 1], nowMs);
    }
    return body;
  }

  #fillPair(
    body: Buffer,
    server: SpanPlaces | undefined,
    client: SpanPlaces | undefined,
    nowMs: number,
  ): void {
    if (server === undefined || client === undefined) return;
    const random = this.#random;
    const ids = [random.uint32(), random.uint32(), random.uint32(), random.uint32()];
    for (const place of [server.traceId, client.traceId]) {
      ids.forEach((word, at) => body.writeUInt32LE(word, place + at * 4));
    }
    const serverId = [random.uint32(), random.uint32()];
    serverId.forEach((word, at) => {
      body.writeUInt32LE(word, server.spanId + at * 4);
      body.writeUInt32LE(word, client.parentId + at * 4);
    });
    body.writeUInt32LE(random.uint32(), client.spanId);
    body.writeUInt32LE(random.uint32(), client.spanId + 4);
    const upstreamUs = random.latency(18_000, 1.1);
    const totalUs = upstreamUs + random.latency(400, 0.5);
    const startUs = nowMs * 1000 - totalUs - random.below(900_000);
    writeTimes(body, server, startUs, totalUs, random);
    writeTimes(body, client, startUs + 120, upstreamUs, random);
    const status = statusOf(random);
    writeStatus(body, server.status, status);
    writeStatus(body, client.status, status);
    const path = pathOf(random);
    body.write(path, server.path, "latin1");
    body.write(path, client.path, "latin1");
    body.write(`m${random.below(50).toString().padStart(2, "0")}`, client.upstream, "latin1");
  }
}

interface SpanPlaces {
  traceId: number;
  spanId: number;
  parentId: number;
  start: number;
  end: number;
  status: number;
  path: number;
  upstream: number;
}

const pathLength = 48;
const letters = "abcdefghijklmnopqrstuvwxyz";

const modulesKnown = 20_000;
const moduleNames = Array.from({ length: modulesKnown }, (_, at) => {
  let name = "";
  for (let rest = at * 7_919 + 1, place = 0; place < 10; place += 1) {
    name += letters[rest % 26] ?? "a";
    rest = Math.floor(rest / 26) + place * 31;
  }
  return `/github.com/o${(at % 100).toString().padStart(2, "0")}/${name}`;
});

/** A file of a module, some asked for far more than others, in one of many versions; always of the same length. */
function pathOf(random: Random): string {
  const popularity = Math.floor(modulesKnown ** random.unit()) - 1;
  const version = `v${random.below(10)}.${random.below(10)}.${random.below(10)}`;
  const file = random.pick(["info", "mod", "zip"]);
  return `${moduleNames[popularity] ?? ""}/@v/${version}.${file}`.padEnd(pathLength, "?");
}

function statusOf(random: Random): number {
  const roll = random.unit();
  if (roll < 0.93) return 200;
  if (roll < 0.97) return 404;
  if (roll < 0.98) return 410;
  return roll < 0.99 ? 503 : 502;
}

/** A varint of two bytes: every status from 128 to 16383 takes two. */
function writeStatus(body: Buffer, place: number, status: number): void {
  body[place] = (status & 0x7f) | 0x80;
  body[place + 1] = status >> 7;
}

function writeTimes(
  body: Buffer,
  places: SpanPlaces,
  startUs: number,
  durationUs: number,
  random: Random,
): void {
  writeNs(body, places.start, startUs, random.below(1000));
  writeNs(body, places.end, startUs + durationUs, random.below(1000));
}

function writeNs(body: Buffer, place: number, us: number, ns: number): void {
  const high = Math.floor(us / 4_294_967.296);
  const low = Math.round((us - high * 4_294_967.296) * 1000) + ns;
  body.writeUInt32LE(low >>> 0, place);
  body.writeUInt32LE(high, place + 4);
}

/** Encodes the template and remembers where the varying bytes stand. */
class TemplateWriter {
  readonly places: SpanPlaces[] = [];
  #bytes: number[] = [];

  request(spans: number): Buffer {
    const resource = message(1, [
      ...attribute("service.name", "module-proxy", 1),
      ...attribute("service.version", "0.18.0", 1),
      ...attribute("host.name", "proxy-7f9c6d5b4-x2x9p", 1),
    ]);
    const scope = message(1, [...text(1, "github.com/gomods/athens"), ...text(2, "0.18.0")]);
    const bodies: number[] = [];
    const found: { at: number; places: SpanPlaces }[] = [];
    for (let at = 0; at < spans; at += 1) {
      const span = spanTemplate(at % 2 === 0);
      const framed = message(2, span.bytes);
      found.push({ at: bodies.length + framed.length - span.bytes.length, places: span.places });
      for (const byte of framed) bodies.push(byte);
    }
    const scopeSpans = [...scope, ...bodies];
    const framedScope = message(2, scopeSpans);
    const resourceSpans = [...resource, ...framedScope];
    this.#bytes = message(1, resourceSpans);
    const base =
      this.#bytes.length -
      resourceSpans.length +
      resource.length +
      (framedScope.length - scopeSpans.length) +
      scope.length;
    for (const { at, places } of found) this.places.push(shifted(places, base + at));
    return Buffer.from(this.#bytes);
  }
}

function shifted(places: SpanPlaces, by: number): SpanPlaces {
  return {
    traceId: places.traceId + by,
    spanId: places.spanId + by,
    parentId: places.parentId + by,
    start: places.start + by,
    end: places.end + by,
    status: places.status + by,
    path: places.path + by,
    upstream: places.upstream + by,
  };
}

function spanTemplate(server: boolean): { bytes: number[]; places: SpanPlaces } {
  const bytes: number[] = [];
  const places: SpanPlaces = {
    traceId: 0,
    spanId: 0,
    parentId: 0,
    start: 0,
    end: 0,
    status: 0,
    path: 0,
    upstream: 0,
  };
  const add = (part: readonly number[]): number => {
    bytes.push(...part);
    return bytes.length;
  };
  places.traceId = add(raw(1, 16)) - 16;
  places.spanId = add(raw(2, 8)) - 8;
  if (!server) places.parentId = add(raw(4, 8)) - 8;
  add(text(5, "GET"));
  add([0x30, server ? 2 : 3]);
  places.start = add([0x39, ...zeros(8)]) - 8;
  places.end = add([0x41, ...zeros(8)]) - 8;
  add(attribute("http.request.method", "GET"));
  add(attribute("network.protocol.version", "1.1"));
  add(attribute("url.scheme", "https"));
  places.path = add(attribute("url.path", "p".repeat(pathLength))) - pathLength;
  add(attribute("user_agent.original", "Go-http-client/2.0"));
  places.status = add(attributeInt("http.response.status_code")) - 2;
  add(attributeInt("http.response.body.size", 1_234));
  add(attributeInt("server.port", 443));
  places.upstream =
    add(attribute("server.address", server ? "goproxy.internal" : "m00.mirror")) - 10;
  add(attribute("network.peer.address", "10.42.7.19"));
  add(attribute("client.address", "10.42.1.77"));
  add(attribute("proxy.cache.result", server ? "miss" : "none"));
  return { bytes, places };
}

function message(field: number, body: readonly number[]): number[] {
  return [...varint((field << 3) | 2), ...varint(body.length), ...body];
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
function attributeInt(key: string, value = 200): number[] {
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
