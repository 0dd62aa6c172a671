import { cacheCodes, moduleEndpointCodes } from "#lib/core/codes.ts";
import { attemptFailed, isError } from "#lib/core/outcome.ts";
import { plausibleBytes, plausibleDurationUs } from "#lib/core/plausible.ts";
import { type RecordRows, rowRoles } from "#lib/core/record-rows.ts";
import { relationsOf, type Try } from "#lib/core/relations.ts";
import type { TextNumbers } from "#lib/core/text-numbers.ts";
import type { Writable } from "#lib/core/writable.ts";
import type { PlainAttempt, PlainLine } from "#lib/decode/plain-line.ts";

import { nextAttemptUs } from "./access-log.ts";
import { cacheOutcomeOf } from "./cache-outcome.ts";
import { traceHashOf } from "./trace-hash.ts";

/** Adds the exchange of a plain line and its attempts, as `addExchange` adds that of the same line's record. */
export function addPlainLine(
  rows: RecordRows,
  position: number,
  proxy: string,
  line: PlainLine,
): void {
  const proxyNumber = rows.names.proxy.numberOf(proxy);
  const first = addExchangeRow(rows, position, proxyNumber, line);
  if (line.attemptCount > 0) addAttempts(rows, position, proxyNumber, line);
  const traceHash = line.traceId === null ? null : traceHashOf(line.traceId);
  if (traceHash === null) return;
  rows.columns.traceHigh.fill(traceHash.high, first, rows.length);
  rows.columns.traceLow.fill(traceHash.low, first, rows.length);
}

function addExchangeRow(
  rows: RecordRows,
  position: number,
  proxy: number,
  line: PlainLine,
): number {
  const at = rows.add(rowRoles.exchange, position);
  const { columns } = rows;
  columns.proxy[at] = proxy;
  columns.startUs[at] = line.startUs;
  columns.durationUs[at] = plausibleDurationUs(line.durationUs) ?? -1;
  columns.bytes[at] = plausibleBytes(line.bytes) ?? -1;
  columns.status[at] = line.status;
  columns.cache[at] = cacheCodes.codeOf(cacheOutcomeOf(line.cacheWord));
  columns.failed[at] = exchangeFails[line.status] ?? 0;
  const { module: name, moduleSlot } = line;
  if (name !== null) {
    columns.module[at] = numberAt(rows.names.module, name, moduleSlot);
    columns.moduleEndpoint[at] = moduleEndpointCodes.codeOf(line.moduleEndpoint);
  }
  return at;
}

function addAttempts(rows: RecordRows, position: number, proxy: number, line: PlainLine): void {
  const first = rows.length;
  let { startUs } = line;
  for (let ordinal = 0; ordinal < line.attemptCount; ordinal += 1) {
    const attempt = line.attempts[ordinal];
    if (attempt === undefined) continue;
    const at = addAttemptRow(rows, position, proxy, attempt);
    rows.columns.startUs[at] = startUs;
    rows.columns.ordinal[at] = ordinal;
    startUs = nextAttemptUs(startUs, rows.columns.durationUs[at] ?? 0, line.startUs);
  }
  if (line.attemptCount > 1) addRelations(rows, proxy, first);
}

/** All but when it began. */
function addAttemptRow(
  rows: RecordRows,
  position: number,
  proxy: number,
  attempt: PlainAttempt,
): number {
  const at = rows.add(rowRoles.toldAttempt, position);
  const { columns } = rows;
  const { upstream, endpoint, endpointSlot, status } = attempt;
  const { upstream: upstreams, endpoint: endpoints } = rows.names;
  columns.proxy[at] = proxy;
  columns.upstream[at] =
    upstream === null ? numberAt(upstreams, endpoint, endpointSlot) : upstreams.numberOf(upstream);
  columns.endpoint[at] = numberAt(endpoints, endpoint, endpointSlot);
  columns.durationUs[at] = plausibleDurationUs(attempt.durationUs) ?? -1;
  columns.status[at] = status;
  columns.failed[at] = attemptFails[status] ?? 0;
  return at;
}

/** Of the rows from one on, which are attempts of one exchange. */
function addRelations(rows: RecordRows, proxy: number, first: number): void {
  const { startUs, durationUs, status, upstream, endpoint } = rows.columns;
  tries.length = rows.length - first;
  for (let place = 0; place < tries.length; place += 1) {
    const at = first + place;
    const took = durationUs[at] ?? -1;
    const one = (tries[place] ??= { ...blankTry });
    one.startUs = startUs[at] ?? 0;
    one.durationUs = took < 0 ? null : took;
    one.status = status[at] ?? 0;
    one.upstream = upstream[at] ?? 0;
    one.endpoint = endpoint[at] ?? 0;
  }
  for (const { kind, cause, atUs, from, to } of relationsOf(tries)) {
    rows.relations.push({ proxy, kind, cause, atUs, from, to });
  }
}

const blankTry: Try<number> = {
  startUs: 0,
  durationUs: null,
  status: null,
  upstream: 0,
  endpoint: 0,
  errorType: null,
  tlsReason: null,
  canceled: false,
};
/** Of the line that is being added: new ones for each line would be most of what such a line costs. */
const tries: Writable<Try<number>>[] = [];

/** The number of a text that the reader keeps in a slot, if it does. */
function numberAt(texts: TextNumbers, text: string, slot: number): number {
  return slot < 0 ? texts.numberOf(text) : texts.numberOfKept(text, slot);
}

const statuses = Array.from({ length: 600 }, (_, status) => status);
/** By status, 1 for what failed with it. */
const exchangeFails = Uint8Array.from(statuses, (status) =>
  isError({ status, errorType: null }) ? 1 : 0,
);
const attemptFails = Uint8Array.from(statuses, (status) =>
  attemptFailed({ status, errorType: null, canceled: false }) ? 1 : 0,
);
