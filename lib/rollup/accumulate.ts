import {
  cacheCodes,
  errorTypeCodes,
  moduleEndpointCodes,
  sourceCodes,
  tlsReasonCodes,
} from "#lib/core/codes.ts";
import type { Source } from "#lib/core/exchange.ts";
import { isError, isNotFound } from "#lib/core/outcome.ts";
import {
  type FallbackCause,
  fallbackCauses,
  type RelationKind,
  relationKinds,
} from "#lib/core/relations.ts";
import { emptySketch, type Sketch, SketchSum } from "#lib/core/sketch.ts";
import {
  cacheCounter,
  zeroCounts,
  type Counts,
  type Subject,
  type SumKey,
  type Sums,
} from "#lib/core/sums.ts";

/** A sum with the bucket and key it belongs to. */
export interface BucketSums extends SumKey, Sums {
  readonly bucketMs: number;
}

/** What an attempt adds to the sums: words as codes, -1 for what was not measured, 0 for no status. */
export interface AttemptFacts {
  readonly startUs: number;
  readonly durationUs: number;
  readonly status: number;
  readonly errorType: number;
  /** Of an attempt: why the upstream's handshake failed; of an exchange: the client's. */
  readonly tlsReason: number;
}

/** The same of an exchange. */
export interface ExchangeFacts extends AttemptFacts {
  readonly bytes: number;
  readonly cache: number;
  readonly moduleEndpoint: number;
}

/** A retry, failover or fallback that came to be (`count` 1) or turned out otherwise (-1). */
export interface RelationFacts {
  readonly kind: RelationKind;
  readonly cause: FallbackCause;
  readonly atUs: number;
  readonly fromId: number;
  readonly toId: number;
  readonly count: number;
}

/** The width of the buckets that telemetry is first summed into, in seconds. */
const finestStep = 10;
const finestUs = finestStep * 1_000_000;

/** Sums of one batch of telemetry per 10 s bucket and key; `rows()` gives them for storing. */
export class Accumulator {
  readonly #buckets = new Map<number, Bucket>();
  #last: Bucket | null = null;

  addExchange(project: number, source: Source, proxyId: number, exchange: ExchangeFacts): void {
    const bucket = this.#bucketAt(project, exchange.startUs);
    if (exchange.tlsReason !== 0) {
      const detail = `client:${tlsReasonCodes.wordOf(exchange.tlsReason)}`;
      this.#addTls(bucket, source, proxyId, 0, detail, exchange);
      // Where the handshake failed before any request, there was no request to count.
      if (exchange.status === 0) return;
    }
    addExchangeTo(bucket.of(source, proxyId).exchange(exchange.moduleEndpoint), exchange);
  }

  /** Adds an exchange, which is counted on its own, to the sums of a module prefix. */
  addModule(
    project: number,
    source: Source,
    proxyId: number,
    prefixId: number,
    exchange: ExchangeFacts,
  ): void {
    if (exchange.tlsReason !== 0 && exchange.status === 0) return;
    const sum = this.#bucketAt(project, exchange.startUs).other({
      source,
      subject: "module",
      proxyId,
      upstreamId: 0,
      peerId: prefixId,
      detail: moduleEndpointCodes.wordOf(exchange.moduleEndpoint) ?? "",
    });
    addExchangeTo(sum, exchange);
  }

  addAttempt(
    project: number,
    source: Source,
    proxyId: number,
    upstreamId: number,
    attempt: AttemptFacts,
  ): void {
    const bucket = this.#bucketAt(project, attempt.startUs);
    addOutcome(bucket.of(source, proxyId).attempt(upstreamId), attempt);
    if (attempt.tlsReason !== 0) {
      const detail = `upstream:${tlsReasonCodes.wordOf(attempt.tlsReason)}`;
      this.#addTls(bucket, source, proxyId, upstreamId, detail, attempt);
    }
  }

  addRelation(project: number, source: Source, proxyId: number, relation: RelationFacts): void {
    const sum = this.#bucketAt(project, relation.atUs).of(source, proxyId).relation(relation);
    sum.counts.requests += relation.count;
    sum.see(relation.atUs);
  }

  /** Every sum that is not zero. */
  rows(): { readonly project: number; readonly sums: BucketSums }[] {
    return [...this.#buckets.values()].flatMap((bucket) => bucket.rows());
  }

  #addTls(
    bucket: Bucket,
    source: Source,
    proxyId: number,
    upstreamId: number,
    detail: string,
    at: { readonly startUs: number },
  ): void {
    const sum = bucket.other({ source, subject: "tls", proxyId, upstreamId, peerId: 0, detail });
    sum.counts.requests += 1;
    sum.see(at.startUs);
  }

  #bucketAt(project: number, timeUs: number): Bucket {
    const number = Math.floor(timeUs / finestUs);
    if (this.#last?.project === project && this.#last.number === number) return this.#last;
    const key = number * 65_536 + project;
    const bucket = this.#buckets.get(key) ?? new Bucket(project, number);
    this.#buckets.set(key, bucket);
    this.#last = bucket;
    return bucket;
  }
}

class Sum {
  readonly counts: Counts = zeroCounts();
  readonly key: SumKey;
  lastUs = 0;
  /** Relations have none. */
  #latency: SketchSum | null = null;
  #statuses: Map<number, number> | null = null;
  /** Of the records seen last, which all had it; not among the others yet. */
  #status = 0;
  #statusCount = 0;

  constructor(key: SumKey) {
    this.key = key;
  }

  see(timeUs: number): void {
    if (timeUs > this.lastUs) this.lastUs = timeUs;
  }

  addLatency(durationUs: number): void {
    this.#latency ??= new SketchSum();
    this.#latency.add(durationUs);
  }

  latency(): Sketch {
    return this.#latency?.toSketch() ?? emptySketch;
  }

  addStatus(status: number): void {
    if (status !== this.#status) {
      this.#noteStatus();
      this.#status = status;
    }
    this.#statusCount += 1;
  }

  statuses(): ReadonlyMap<number, number> {
    this.#noteStatus();
    return this.#statuses ?? noStatuses;
  }

  #noteStatus(): void {
    if (this.#statusCount === 0) return;
    this.#statuses ??= new Map();
    const before = this.#statuses.get(this.#status) ?? 0;
    this.#statuses.set(this.#status, before + this.#statusCount);
    this.#statusCount = 0;
  }
}

const noStatuses: ReadonlyMap<number, number> = new Map();

/** The sums that every single record is added to, by small numbers. */
class ProxySums {
  readonly source: Source;
  readonly proxyId: number;
  /** By module endpoint. */
  readonly #exchanges: (Sum | undefined)[] = [];
  readonly #attempts = new Map<number, Sum>();
  /** By both upstreams, and then by kind and cause. */
  readonly #relations = new Map<number, (Sum | undefined)[]>();

  constructor(source: Source, proxyId: number) {
    this.source = source;
    this.proxyId = proxyId;
  }

  exchange(moduleEndpoint: number): Sum {
    return (this.#exchanges[moduleEndpoint] ??= this.#sum(
      "exchange",
      0,
      moduleEndpointCodes.wordOf(moduleEndpoint) ?? "",
    ));
  }

  attempt(upstreamId: number): Sum {
    let sum = this.#attempts.get(upstreamId);
    if (sum === undefined) {
      sum = this.#sum("attempt", upstreamId, "");
      this.#attempts.set(upstreamId, sum);
    }
    return sum;
  }

  relation({ kind, cause, fromId, toId }: RelationFacts): Sum {
    const upstreams = fromId * 16_777_216 + toId;
    let sums = this.#relations.get(upstreams);
    if (sums === undefined) {
      sums = [];
      this.#relations.set(upstreams, sums);
    }
    const place =
      relationKinds.indexOf(kind) * fallbackCauses.length + fallbackCauses.indexOf(cause);
    return (sums[place] ??= this.#sum("relation", fromId, `${kind}:${cause}`, toId));
  }

  all(): Sum[] {
    const relations = [...this.#relations.values()].flat();
    return [...this.#exchanges, ...this.#attempts.values(), ...relations].filter(
      (sum) => sum !== undefined,
    );
  }

  #sum(subject: Subject, upstreamId: number, detail: string, peerId = 0): Sum {
    const { source, proxyId } = this;
    return new Sum({ source, subject, proxyId, upstreamId, peerId, detail });
  }
}

class Bucket {
  readonly project: number;
  readonly number: number;
  readonly #proxies = new Map<number, ProxySums>();
  #last: ProxySums | null = null;
  readonly #others = new Map<string, Sum>();

  constructor(project: number, number: number) {
    this.project = project;
    this.number = number;
  }

  of(source: Source, proxyId: number): ProxySums {
    const last = this.#last;
    if (last?.proxyId === proxyId && last.source === source) return last;
    const key = proxyId * 4 + sourceCodes.codeOf(source);
    const sums = this.#proxies.get(key) ?? new ProxySums(source, proxyId);
    this.#proxies.set(key, sums);
    this.#last = sums;
    return sums;
  }

  other(key: SumKey): Sum {
    const text = `${key.source} ${key.proxyId} ${key.upstreamId} ${key.peerId} ${key.detail}`;
    const sum = this.#others.get(text) ?? new Sum(key);
    this.#others.set(text, sum);
    return sum;
  }

  rows(): { readonly project: number; readonly sums: BucketSums }[] {
    const sums = [
      ...[...this.#proxies.values()].flatMap((proxy) => proxy.all()),
      ...this.#others.values(),
    ].filter((sum) => sum.counts.requests !== 0);
    return sums.map((sum) => ({
      project: this.project,
      sums: {
        ...sum.key,
        bucketMs: this.number * finestStep * 1_000,
        counts: sum.counts,
        statuses: sum.statuses(),
        latency: sum.latency(),
        lastMs: Math.floor(sum.lastUs / 1000),
      },
    }));
  }
}

function addExchangeTo(sum: Sum, exchange: ExchangeFacts): void {
  addOutcome(sum, exchange);
  addCache(sum.counts, exchange);
  if (exchange.bytes >= 0) sum.counts.bytes += exchange.bytes;
}

function addOutcome(sum: Sum, { startUs, durationUs, status, errorType }: AttemptFacts): void {
  const { counts } = sum;
  counts.requests += 1;
  if (isError({ status, errorType: errorTypeCodes.wordOf(errorType) })) counts.errors += 1;
  if (isNotFound(status)) counts.notFound += 1;
  if (errorType !== 0) counts.transportFailures += 1;
  if (status === 499) counts.clientClosed += 1;
  sum.addStatus(status);
  if (durationUs >= 0) {
    counts.latencySumUs += durationUs;
    sum.addLatency(durationUs);
  }
  sum.see(startUs);
}

const missCode = cacheCodes.codeOf("miss");
const expiredCode = cacheCodes.codeOf("expired");

/**
 * Counts the cache outcome. A miss or an expired entry counts only where the answer was good:
 * proxies also call an answer that could never be cached a miss, and that would pull the hit ratio down.
 */
function addCache(counts: Counts, { cache, status }: ExchangeFacts): void {
  const outcome = cacheCodes.wordOf(cache);
  if (outcome === null) return;
  const asked = cache === missCode || cache === expiredCode;
  if (asked && (status === 0 || status >= 400)) return;
  counts[cacheCounter[outcome]] += 1;
}
