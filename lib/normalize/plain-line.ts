import { cacheCodes, moduleEndpointCodes } from "#lib/core/codes.ts";
import { attemptFailed, isError } from "#lib/core/outcome.ts";
import { plausibleBytes, plausibleDurationUs } from "#lib/core/plausible.ts";
import { type RecordRows, rowRoles } from "#lib/core/record-rows.ts";
import type { TextNumbers } from "#lib/core/text-numbers.ts";
import type { PlainLine } from "#lib/decode/plain-line.ts";

import { cacheOutcomeOf } from "./cache-outcome.ts";
import { traceHashOf } from "./trace-hash.ts";

/** Adds the exchange of a plain line and its attempt, as `addExchange` adds that of the same line's record. */
export function addPlainLine(
  rows: RecordRows,
  position: number,
  proxy: string,
  line: PlainLine,
): void {
  const proxyNumber = rows.names.proxy.numberOf(proxy);
  const first = addExchangeRow(rows, position, proxyNumber, line);
  if (line.hasAttempt) addAttemptRow(rows, position, proxyNumber, line);
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

function addAttemptRow(rows: RecordRows, position: number, proxy: number, line: PlainLine): void {
  const at = rows.add(rowRoles.toldAttempt, position);
  const { columns } = rows;
  columns.proxy[at] = proxy;
  const { upstream: upstreams, endpoint: endpoints } = rows.names;
  const { upstream, endpoint, endpointSlot } = line;
  columns.upstream[at] =
    upstream === null ? numberAt(upstreams, endpoint, endpointSlot) : upstreams.numberOf(upstream);
  columns.endpoint[at] = numberAt(endpoints, endpoint, endpointSlot);
  columns.startUs[at] = line.startUs;
  columns.durationUs[at] = plausibleDurationUs(line.attemptDurationUs) ?? -1;
  columns.status[at] = line.attemptStatus;
  columns.failed[at] = attemptFails[line.attemptStatus] ?? 0;
}

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
