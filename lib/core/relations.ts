import type { Attempt } from "./exchange.ts";
import { attemptFailed, isNotFound } from "./outcome.ts";

/** Why a proxy left one attempt for the next. */
export const fallbackCauses = [
  "transport",
  "tls",
  "status_5xx",
  "status_429",
  "not_found",
  "other",
] as const;
export type FallbackCause = (typeof fallbackCauses)[number];

/** How the next attempt relates to the one before it. */
export const relationKinds = ["retry", "failover", "fallback"] as const;
export type RelationKind = (typeof relationKinds)[number];

/** Upstreams by their names, or by numbers that stand for them. */
export interface Relation<Name = string> {
  readonly kind: RelationKind;
  /** When the attempt that was left began, epoch microseconds: the relation is counted in that bucket. */
  readonly atUs: number;
  readonly from: Name;
  readonly to: Name;
  readonly cause: FallbackCause;
}

/** What of an attempt tells how it relates to the next. */
export interface Try<Name = string> extends Omit<Attempt, "upstream" | "endpoint"> {
  readonly upstream: Name;
  readonly endpoint: Name | null;
}

type Outcome = Omit<Attempt, "upstream" | "endpoint">;

/** Clocks inside one proxy may differ by this much before an overlap is taken for a hedge. */
const overlapToleranceUs = 5_000;

/**
 * The retries, failovers and fallbacks in an ordered list of attempts (design §1):
 * after an attempt that failed, or that a Go proxy chain answered 404 or 410 and another upstream was asked,
 * the next is a retry (same upstream and endpoint), a failover (same upstream, other endpoint)
 * or a fallback (another upstream). Attempts that overlap in time are hedges and relate to nothing.
 */
export function relationsOf<Name>(attempts: readonly Try<Name>[]): Relation<Name>[] {
  const relations: Relation<Name>[] = [];
  for (let index = 1; index < attempts.length; index += 1) {
    const before = attempts[index - 1];
    const next = attempts[index];
    if (before === undefined || next === undefined) continue;
    const kind = relationKind(before, next);
    if (kind !== null) {
      const cause = causeOf(before);
      relations.push({
        kind,
        atUs: before.startUs,
        from: before.upstream,
        to: next.upstream,
        cause,
      });
    }
  }
  return relations;
}

/** The upstream whose answer the client got: the first attempt that did not fail, else the last. */
export function servedBy(attempts: readonly Attempt[]): string | null {
  return (attempts.find((attempt) => !leftFor(attempt)) ?? attempts.at(-1))?.upstream ?? null;
}

function relationKind<Name>(before: Try<Name>, next: Try<Name>): RelationKind | null {
  if (!leftFor(before) || overlaps(before, next)) return null;
  if (before.upstream !== next.upstream) return "fallback";
  if (!attemptFailed(before)) return null;
  return before.endpoint === next.endpoint ? "retry" : "failover";
}

function leftFor(attempt: Outcome): boolean {
  return attemptFailed(attempt) || isNotFound(attempt.status);
}

function overlaps(before: Outcome, next: Outcome): boolean {
  if (before.durationUs === null || next.startUs === before.startUs) return false;
  return next.startUs < before.startUs + before.durationUs - overlapToleranceUs;
}

function causeOf(attempt: Outcome): FallbackCause {
  if (attempt.tlsReason !== null || attempt.errorType?.startsWith("tls_") === true) return "tls";
  if (attempt.errorType !== null || attempt.status === null) return "transport";
  if (attempt.status >= 500) return "status_5xx";
  if (attempt.status === 429) return "status_429";
  return isNotFound(attempt.status) ? "not_found" : "other";
}
