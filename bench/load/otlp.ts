import {
  idNotations,
  writeDuration,
  writeNs,
  writeStatus,
  writeTwo,
  type IdNotation,
} from "./otlp-fields.ts";
import {
  type RecordForm,
  requestTemplate,
  type RequestTemplate,
  type SpanPlaces,
  type SpanShape,
} from "./otlp-template.ts";
import { Random, Sampled } from "./random.ts";

/** What a trace is made of, in the order in which its spans are sent. */
export const traceShapes = {
  /** A request and the one answer it needed. */
  pair: [
    { kind: "server", parent: null },
    { kind: "client", parent: 0 },
  ],
  /** The same as a proxy sends it that exports spans as they end. */
  ended: [
    { kind: "client", parent: 1 },
    { kind: "server", parent: null },
  ],
  /** Three attempts under a span of the proxy's own: mostly for three files, in one trace of seven retries and fallbacks. */
  chain: [
    { kind: "server", parent: null },
    { kind: "internal", parent: 0 },
    { kind: "client", parent: 1 },
    { kind: "client", parent: 1 },
    { kind: "client", parent: 1 },
    { kind: "internal", parent: 0 },
  ],
} as const satisfies Record<string, readonly SpanShape[]>;
export type TraceShape = keyof typeof traceShapes;

/**
 * OTLP/protobuf requests as a proxy's exporter sends them. Templates are encoded once; every request then gets its own ids,
 * times, latencies, statuses and paths in place, so that no data ever repeats and the client costs little beside the server.
 * A trace goes on in the next request where a request is full.
 */
class OtlpRequests {
  readonly #phases: readonly Phase[];
  readonly #trace: Trace;
  #turn = 0;

  constructor(
    shape: TraceShape,
    form: RecordForm,
    templates: readonly RequestTemplate[],
    random: Random,
  ) {
    const spanShapes = traceShapes[shape];
    const ids = idNotations[form];
    let sent = 0;
    this.#phases = templates.map(({ bytes: encoded, spans }) => {
      const bytes = Buffer.from(encoded);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const firstPart = sent % spanShapes.length;
      sent += spans.length;
      return { bytes, view, ids, spans, firstPart };
    });
    this.#trace = new Trace(spanShapes, random);
  }

  /** A fresh request body, which is overwritten by a later call; its spans end about now. */
  next(nowMs: number): Buffer {
    const phase = this.#phases[this.#turn % this.#phases.length];
    if (phase === undefined) throw new Error("a request needs spans");
    this.#turn += 1;
    let part = phase.firstPart;
    for (const places of phase.spans) {
      if (part === 0) this.#trace.draw(nowMs);
      this.#trace.write(phase, places, part);
      part = part + 1 === this.#trace.parts ? 0 : part + 1;
    }
    return phase.bytes;
  }
}

/** Gives what makes requests of so many spans, as often as it is called: their templates are encoded once. */
export function otlpRequests(shape: TraceShape, spans: number, random: Random): () => OtlpRequests {
  return requestsOf(shape, "span", spans, random);
}

/** The same spans as requests of log records, for who takes no spans. */
export function otlpLogRequests(
  shape: TraceShape,
  spans: number,
  random: Random,
): () => OtlpRequests {
  return requestsOf(shape, "logRecord", spans, random);
}

function requestsOf(
  shape: TraceShape,
  form: RecordForm,
  spans: number,
  random: Random,
): () => OtlpRequests {
  const templates = templatesOf(traceShapes[shape], form, spans);
  return () => new OtlpRequests(shape, form, templates, random);
}

/** As many requests as it takes until one ends with a trace. */
function templatesOf(
  shape: readonly SpanShape[],
  form: RecordForm,
  spans: number,
): RequestTemplate[] {
  const templates: RequestTemplate[] = [];
  let sent = 0;
  do {
    const parts = Array.from({ length: spans }, (_, at) => shape[(sent + at) % shape.length]);
    const present = parts.filter((part) => part !== undefined);
    templates.push(requestTemplate(present, form));
    sent += spans;
  } while (sent % shape.length !== 0);
  return templates;
}

/** A request that begins with one certain span of a trace. */
interface Phase {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly ids: IdNotation;
  readonly spans: readonly SpanPlaces[];
  readonly firstPart: number;
}

const modulesKnown = 20_000;
/** Of a module, an answer of an upstream, and the proxy's own work. */
const seed = new Random(1);
const popularity = new Sampled(() => Math.floor(modulesKnown ** seed.unit()) - 1);
const answerUs = new Sampled(() => seed.latency(18_000, 1.1));
const ownUs = new Sampled(() => seed.latency(400, 0.5));

const nameBytes = 12;
const zero = 48;
/** Where the varying parts of a path stand in its template. */
const pathPlaces = { name: 13, major: 31, minor: 33, patch: 35, file: 37 } as const;
const slash = 47;
const files = ["info", "mod?", "zip?"].map((file) => Buffer.from(file));
const failed = 503;

/** Two digits of an owner and ten letters of a repository, of every module that is known. */
const moduleNames = Buffer.concat(Array.from({ length: modulesKnown }, (_, at) => nameOf(at)));

function nameOf(module: number): Buffer {
  let letters = "";
  for (let rest = module * 7_919 + 1, place = 0; place < 10; place += 1) {
    letters += String.fromCodePoint(97 + (rest % 26));
    rest = Math.floor(rest / 26) + place * 31;
  }
  return Buffer.from(`${(module % 100).toString().padStart(2, "0")}${letters}`);
}

/** What the spans of the trace that is being written have in common, and what each has of its own. */
class Trace {
  readonly parts: number;
  readonly #random: Random;
  readonly #parents: readonly (number | null)[];
  readonly #clients: readonly number[];
  readonly #traceId = new Uint32Array(4);
  readonly #spanIds: Uint32Array;
  readonly #startUs: Float64Array;
  readonly #durationUs: Float64Array;
  readonly #statuses: Uint16Array;
  readonly #files: Uint8Array;
  readonly #upstreams: Uint8Array;
  #module = 0;
  #version = 0;

  constructor(shape: readonly SpanShape[], random: Random) {
    this.parts = shape.length;
    this.#random = random;
    this.#parents = shape.map(({ parent }) => parent);
    this.#clients = shape.flatMap(({ kind }, part) => (kind === "client" ? [part] : []));
    this.#spanIds = new Uint32Array(2 * this.parts);
    this.#startUs = new Float64Array(this.parts);
    this.#durationUs = new Float64Array(this.parts);
    this.#statuses = new Uint16Array(this.parts);
    this.#files = new Uint8Array(this.parts);
    this.#upstreams = new Uint8Array(this.parts);
  }

  /** A new trace, which ends about now. */
  draw(nowMs: number): void {
    const random = this.#random;
    for (let word = 0; word < 4; word += 1) this.#traceId[word] = random.uint32();
    for (let word = 0; word < this.#spanIds.length; word += 1)
      this.#spanIds[word] = random.uint32();
    this.#module = Math.min(popularity.next(random), modulesKnown - 1);
    this.#version = random.below(1000);
    this.#drawAnswers();
    this.#drawTimes(nowMs);
  }

  /** Attempts of a chain are for the three files of a version, or for one of them, again and then elsewhere. */
  #drawAnswers(): void {
    const random = this.#random;
    const file = random.below(3);
    const upstream = random.below(50);
    const [, , lastClient] = this.#clients;
    const troubled = lastClient !== undefined && random.unit() < 1 / 7;
    const failures = troubled ? 1 + random.below(2) : 0;
    const status = statusOf(random.unit());
    this.#statuses.fill(status);
    this.#files.fill(file);
    this.#upstreams.fill(upstream);
    for (let attempt = 0; attempt < this.#clients.length; attempt += 1) {
      const part = this.#clients[attempt] ?? 0;
      if (attempt < failures) this.#statuses[part] = failed;
      if (!troubled) this.#files[part] = (file + attempt) % files.length;
    }
    if (troubled && lastClient !== undefined) this.#upstreams[lastClient] = (upstream + 1) % 50;
  }

  /** Attempts follow each other inside the spans above them. */
  #drawTimes(nowMs: number): void {
    const random = this.#random;
    let totalUs = ownUs.next(random);
    let answersUs = 0;
    for (const part of this.#clients) {
      this.#startUs[part] = answersUs;
      const tookUs = answerUs.next(random);
      this.#durationUs[part] = tookUs;
      answersUs += tookUs;
    }
    totalUs += answersUs;
    const startUs = nowMs * 1000 - totalUs - Math.floor(random.unit() * 900_000);
    for (let part = 0; part < this.parts; part += 1) {
      if (this.#clients.includes(part)) {
        this.#startUs[part] = startUs + 120 + (this.#startUs[part] ?? 0);
      } else {
        this.#startUs[part] = startUs + part;
        this.#durationUs[part] = totalUs - 2 * part;
      }
    }
  }

  /** Writes one span of the trace to its places. */
  write({ bytes, view, ids }: Phase, places: SpanPlaces, part: number): void {
    this.#writeIds(view, ids, places, part);
    this.#writeTimes(view, places, part);
    // The proxy's own work has no answer.
    if (places.status < 0) return;
    writeStatus(bytes, places.status, this.#statuses[part] ?? 0);
    this.#writePath(bytes, places.path, files[this.#files[part] ?? 0]);
    if (places.upstream >= 0) writeTwo(bytes, places.upstream, this.#upstreams[part] ?? 0);
  }

  #writeIds(
    view: DataView,
    ids: IdNotation,
    { traceId, spanId, parentId }: SpanPlaces,
    part: number,
  ): void {
    for (let word = 0; word < 4; word += 1) {
      ids.write(view, traceId + ids.wordBytes * word, this.#traceId[word] ?? 0);
    }
    this.#writeSpanId(view, ids, spanId, part);
    const parent = this.#parents[part] ?? null;
    if (parent !== null) this.#writeSpanId(view, ids, parentId, parent);
  }

  #writeSpanId(view: DataView, ids: IdNotation, place: number, part: number): void {
    ids.write(view, place, this.#spanIds[2 * part] ?? 0);
    ids.write(view, place + ids.wordBytes, this.#spanIds[2 * part + 1] ?? 0);
  }

  #writeTimes(view: DataView, { start, end, duration }: SpanPlaces, part: number): void {
    const noise = this.#random.uint32();
    const startUs = this.#startUs[part] ?? 0;
    const durationUs = this.#durationUs[part] ?? 0;
    const startNs = (noise & 0xffff) % 1000;
    const endNs = (noise >>> 16) % 1000;
    writeNs(view, start, startUs, startNs);
    if (end >= 0) writeNs(view, end, startUs + durationUs, endNs);
    if (duration >= 0) writeDuration(view, duration, durationUs * 1000 + endNs - startNs);
  }

  #writePath(bytes: Buffer, place: number, file: Buffer | undefined): void {
    const { name, major, minor, patch } = pathPlaces;
    const from = this.#module * nameBytes;
    bytes[place + name] = moduleNames[from] ?? zero;
    bytes[place + name + 1] = moduleNames[from + 1] ?? zero;
    bytes[place + name + 2] = slash;
    for (let at = 2; at < nameBytes; at += 1) {
      bytes[place + name + 1 + at] = moduleNames[from + at] ?? zero;
    }
    bytes[place + major] = zero + Math.floor(this.#version / 100);
    bytes[place + minor] = zero + (Math.floor(this.#version / 10) % 10);
    bytes[place + patch] = zero + (this.#version % 10);
    for (let at = 0; at < 4; at += 1) bytes[place + pathPlaces.file + at] = file?.[at] ?? zero;
  }
}

function statusOf(roll: number): number {
  if (roll < 0.93) return 200;
  if (roll < 0.97) return 404;
  if (roll < 0.98) return 410;
  return roll < 0.99 ? failed : 502;
}
