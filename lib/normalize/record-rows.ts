import {
  cacheCodes,
  errorTypeCodes,
  moduleEndpointCodes,
  tlsReasonCodes,
} from "#lib/core/codes.ts";
import type { Attempt, Bits64, Exchange } from "#lib/core/exchange.ts";
import { attemptFailed, isError } from "#lib/core/outcome.ts";
import { type RecordRows, rowRoles } from "#lib/core/record-rows.ts";
import { relationsOf } from "#lib/core/relations.ts";
import type { SpanRecord } from "#lib/decode/otlp-traces.ts";

import { attemptOfSpan, exchangeOfSpan } from "./span.ts";

const internalKind = 1;
const serverKind = 2;
const clientKind = 3;

/** Adds a span: as an exchange, as an attempt, or as what joins the two. */
export function addSpan(rows: RecordRows, span: SpanRecord): void {
  const { kind, http, position } = span;
  const proxy = rows.names.proxy.numberOf(span.service);
  let at: number;
  if (kind === serverKind && http !== null) {
    at = addExchangeRow(rows, position, proxy, exchangeOfSpan(span, http));
  } else if (kind === clientKind && http !== null) {
    at = addAttemptRow(
      rows,
      { position, proxy, role: rowRoles.attempt },
      attemptOfSpan(span, http),
    );
    rows.columns.call[at] = callOf(span);
  } else {
    at = rows.add(kind === internalKind ? rowRoles.internal : rowRoles.other, position);
    rows.columns.startUs[at] = span.startUs;
    rows.columns.proxy[at] = proxy;
  }
  const { columns } = rows;
  columns.traceHigh[at] = span.traceHigh;
  columns.traceLow[at] = span.traceLow;
  columns.spanHigh[at] = span.spanHigh;
  columns.spanLow[at] = span.spanLow;
  columns.parentHigh[at] = span.parentHigh;
  columns.parentLow[at] = span.parentLow;
}

/** Adds an exchange of a log line or log record, and its attempts behind it. */
export function addExchange(rows: RecordRows, position: number, exchange: Exchange): void {
  const { attempts, traceHash } = exchange;
  const proxy = rows.names.proxy.numberOf(exchange.proxy);
  const first = addExchangeRow(rows, position, proxy, exchange);
  addTold(rows, position, proxy, attempts);
  if (traceHash !== null) setTrace(rows, first, traceHash);
}

/** Adds the attempts that a SERVER span itself tells of. */
export function addToldAttempts(
  rows: RecordRows,
  span: SpanRecord,
  attempts: readonly Attempt[],
): void {
  const first = rows.length;
  addTold(rows, span.position, rows.names.proxy.numberOf(span.service), attempts);
  setTrace(rows, first, { high: span.traceHigh, low: span.traceLow });
}

function addTold(
  rows: RecordRows,
  position: number,
  proxy: number,
  attempts: readonly Attempt[],
): void {
  const origin = { position, proxy, role: rowRoles.toldAttempt };
  for (let ordinal = 0; ordinal < attempts.length; ordinal += 1) {
    const attempt = attempts[ordinal];
    if (attempt === undefined) continue;
    const at = addAttemptRow(rows, origin, attempt);
    rows.columns.ordinal[at] = ordinal;
  }
  if (attempts.length > 1) addRelations(rows, proxy, attempts);
}

/** Of all rows from one on. */
function setTrace(rows: RecordRows, from: number, { high, low }: Bits64): void {
  rows.columns.traceHigh.fill(high, from, rows.length);
  rows.columns.traceLow.fill(low, from, rows.length);
}

function addRelations(rows: RecordRows, proxy: number, attempts: readonly Attempt[]): void {
  const { upstream } = rows.names;
  for (const { kind, cause, atUs, from, to } of relationsOf(attempts)) {
    const names = { from: upstream.numberOf(from), to: upstream.numberOf(to) };
    rows.relations.push({ proxy, kind, cause, atUs, ...names });
  }
}

function addExchangeRow(
  rows: RecordRows,
  position: number,
  proxy: number,
  exchange: Exchange,
): number {
  const at = rows.add(rowRoles.exchange, position);
  const { columns } = rows;
  columns.proxy[at] = proxy;
  columns.startUs[at] = exchange.startUs;
  columns.durationUs[at] = exchange.durationUs ?? -1;
  columns.bytes[at] = exchange.bytes ?? -1;
  columns.status[at] = exchange.status ?? 0;
  columns.errorType[at] = errorTypeCodes.codeOf(exchange.errorType);
  columns.tlsReason[at] = tlsReasonCodes.codeOf(exchange.clientTlsReason);
  columns.cache[at] = cacheCodes.codeOf(exchange.cache);
  columns.failed[at] = isError(exchange) ? 1 : 0;
  const { module } = exchange;
  if (module !== null) {
    columns.module[at] = rows.names.module.numberOf(module.module);
    columns.moduleEndpoint[at] = moduleEndpointCodes.codeOf(module.endpoint);
  }
  return at;
}

interface AttemptOrigin {
  readonly position: number;
  readonly proxy: number;
  readonly role: number;
}

function addAttemptRow(rows: RecordRows, origin: AttemptOrigin, attempt: Attempt): number {
  const at = rows.add(origin.role, origin.position);
  const { columns } = rows;
  columns.proxy[at] = origin.proxy;
  columns.upstream[at] = rows.names.upstream.numberOf(attempt.upstream);
  columns.endpoint[at] = rows.names.endpoint.numberOf(attempt.endpoint);
  columns.startUs[at] = attempt.startUs;
  columns.durationUs[at] = attempt.durationUs ?? -1;
  columns.status[at] = attempt.status ?? 0;
  columns.errorType[at] = errorTypeCodes.codeOf(attempt.errorType);
  columns.tlsReason[at] = tlsReasonCodes.codeOf(attempt.tlsReason);
  columns.failed[at] = attemptFailed(attempt) ? 1 : 0;
  columns.canceled[at] = attempt.canceled ? 1 : 0;
  return at;
}

/**
 * A number that is the same for attempts at the same thing. Mirrors are asked under base paths of their own,
 * so that a path counts from its first element with a dot: there a module's path begins.
 */
export function callOf(span: SpanRecord): number {
  const path = span.http?.path ?? "";
  const dot = path.indexOf(".");
  let hash = dot < 0 ? 17 : 19;
  for (let at = dot < 0 ? 0 : path.lastIndexOf("/", dot) + 1; at < path.length; at += 1) {
    hash = (Math.imul(hash, 31) + path.charCodeAt(at)) | 0;
  }
  const method = span.http?.method ?? "";
  for (let at = 0; at < method.length; at += 1) {
    hash = (Math.imul(hash, 31) + method.charCodeAt(at)) | 0;
  }
  return hash;
}
