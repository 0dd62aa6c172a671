import { bucketStartMs } from "#lib/core/bucket.ts";
import { moduleEndpointCodes, sourceCodes } from "#lib/core/codes.ts";
import type { Attempt, Exchange, Source } from "#lib/core/exchange.ts";
import { isError, isNotFound } from "#lib/core/outcome.ts";
import type { RelationKind, FallbackCause } from "#lib/core/relations.ts";
import { SketchSum } from "#lib/core/sketch.ts";
import { cacheCounter, zeroCounts, type Counts, type SumKey, type Sums } from "#lib/core/sums.ts";
import type { TlsReason } from "#lib/core/tls-reason.ts";

/** A sum with the bucket and key it belongs to. */
export interface BucketSums extends SumKey, Sums {
  readonly bucketMs: number;
}

/** What an exchange adds to the sums. */
export type ExchangeFacts = Pick<
  Exchange,
  "startUs" | "durationUs" | "status" | "errorType" | "cache" | "bytes" | "clientTlsReason"
> & { readonly module: Pick<NonNullable<Exchange["module"]>, "endpoint"> | null };

/** What an attempt adds to the sums. */
export type AttemptFacts = Pick<
  Attempt,
  "startUs" | "durationUs" | "status" | "errorType" | "tlsReason"
>;

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

/** Sums of one batch of telemetry per 10 s bucket and key; `rows()` gives them for storing. */
export class Accumulator {
  readonly #buckets = new Map<number, Bucket>();
  #last: Bucket | null = null;

  addExchange(project: number, source: Source, proxyId: number, exchange: ExchangeFacts): void {
    const bucket = this.#bucketAt(project, exchange.startUs);
    if (exchange.clientTlsReason !== null) {
      this.#addTls(bucket, source, proxyId, 0, `client:${exchange.clientTlsReason}`, exchange);
      // Where the handshake failed before any request, there was no request to count.
      if (exchange.status === null) return;
    }
    const sum = bucket.exchange(source, proxyId, exchange.module?.endpoint ?? null);
    addExchangeTo(sum, exchange);
  }

  /** Adds an exchange, which is counted on its own, to the sums of a module prefix. */
  addModule(
    project: number,
    source: Source,
    proxyId: number,
    prefixId: number,
    exchange: ExchangeFacts,
  ): void {
    if (exchange.clientTlsReason !== null && exchange.status === null) return;
    const sum = this.#bucketAt(project, exchange.startUs).other({
      source,
      subject: "module",
      proxyId,
      upstreamId: 0,
      peerId: prefixId,
      detail: exchange.module?.endpoint ?? "",
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
    addOutcome(bucket.attempt(source, proxyId, upstreamId), attempt);
    if (attempt.tlsReason !== null) {
      const detail = `upstream:${attempt.tlsReason satisfies TlsReason}`;
      this.#addTls(bucket, source, proxyId, upstreamId, detail, attempt);
    }
  }

  addRelation(project: number, source: Source, proxyId: number, relation: RelationFacts): void {
    const sum = this.#bucketAt(project, relation.atUs).other({
      source,
      subject: "relation",
      proxyId,
      upstreamId: relation.fromId,
      peerId: relation.toId,
      detail: `${relation.kind}:${relation.cause}`,
    });
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
    const bucketMs = bucketStartMs(timeUs / 1000, finestStep);
    if (this.#last?.project === project && this.#last.bucketMs === bucketMs) return this.#last;
    const key = (bucketMs / 10_000) * 65_536 + project;
    const bucket = this.#buckets.get(key) ?? new Bucket(project, bucketMs);
    this.#buckets.set(key, bucket);
    this.#last = bucket;
    return bucket;
  }
}

class Sum {
  readonly counts: Counts = zeroCounts();
  readonly statuses = new Map<number, number>();
  readonly latency = new SketchSum();
  readonly key: SumKey;
  lastUs = 0;

  constructor(key: SumKey) {
    this.key = key;
  }

  see(timeUs: number): void {
    if (timeUs > this.lastUs) this.lastUs = timeUs;
  }
}

class Bucket {
  readonly project: number;
  readonly bucketMs: number;
  /** Keyed by numbers, as these two are looked up for every single record. */
  readonly #exchanges = new Map<number, Sum>();
  readonly #attempts = new Map<number, Sum>();
  readonly #others = new Map<string, Sum>();

  constructor(project: number, bucketMs: number) {
    this.project = project;
    this.bucketMs = bucketMs;
  }

  exchange(
    source: Source,
    proxyId: number,
    endpoint: NonNullable<Exchange["module"]>["endpoint"] | null,
  ): Sum {
    const place = (proxyId * 16 + moduleEndpointCodes.codeOf(endpoint)) * 4;
    const key = place + sourceCodes.codeOf(source);
    let sum = this.#exchanges.get(key);
    if (sum === undefined) {
      const detail = endpoint ?? "";
      sum = new Sum({ source, subject: "exchange", proxyId, upstreamId: 0, peerId: 0, detail });
      this.#exchanges.set(key, sum);
    }
    return sum;
  }

  attempt(source: Source, proxyId: number, upstreamId: number): Sum {
    const key = (proxyId * 16_777_216 + upstreamId) * 4 + sourceCodes.codeOf(source);
    let sum = this.#attempts.get(key);
    if (sum === undefined) {
      sum = new Sum({ source, subject: "attempt", proxyId, upstreamId, peerId: 0, detail: "" });
      this.#attempts.set(key, sum);
    }
    return sum;
  }

  other(key: SumKey): Sum {
    const text = `${key.source} ${key.proxyId} ${key.upstreamId} ${key.peerId} ${key.detail}`;
    const sum = this.#others.get(text) ?? new Sum(key);
    this.#others.set(text, sum);
    return sum;
  }

  rows(): { readonly project: number; readonly sums: BucketSums }[] {
    const sums = [
      ...this.#exchanges.values(),
      ...this.#attempts.values(),
      ...[...this.#others.values()].filter((sum) => sum.counts.requests !== 0),
    ];
    return sums.map((sum) => ({
      project: this.project,
      sums: {
        ...sum.key,
        bucketMs: this.bucketMs,
        counts: sum.counts,
        statuses: sum.statuses,
        latency: sum.latency.toSketch(),
        lastMs: Math.floor(sum.lastUs / 1000),
      },
    }));
  }
}

function addExchangeTo(sum: Sum, exchange: ExchangeFacts): void {
  addOutcome(sum, exchange);
  addCache(sum.counts, exchange);
  if (exchange.bytes !== null) sum.counts.bytes += exchange.bytes;
}

function addOutcome(
  sum: Sum,
  outcome: Pick<Exchange, "startUs" | "durationUs" | "status" | "errorType">,
): void {
  const { counts } = sum;
  counts.requests += 1;
  if (isError(outcome)) counts.errors += 1;
  if (isNotFound(outcome.status)) counts.notFound += 1;
  if (outcome.errorType !== null) counts.transportFailures += 1;
  if (outcome.status === 499) counts.clientClosed += 1;
  const status = outcome.status ?? 0;
  sum.statuses.set(status, (sum.statuses.get(status) ?? 0) + 1);
  if (outcome.durationUs !== null) {
    counts.latencySumUs += outcome.durationUs;
    sum.latency.add(outcome.durationUs);
  }
  sum.see(outcome.startUs);
}

/**
 * Counts the cache outcome. A miss or an expired entry counts only where the answer was good:
 * proxies also call an answer that could never be cached a miss, and that would pull the hit ratio down.
 */
function addCache(counts: Counts, exchange: Pick<Exchange, "cache" | "status">): void {
  if (exchange.cache === null) return;
  const asked = exchange.cache === "miss" || exchange.cache === "expired";
  if (asked && (exchange.status === null || exchange.status >= 400)) return;
  counts[cacheCounter[exchange.cache]] += 1;
}
