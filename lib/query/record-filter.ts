import type { ExchangesParams } from "#lib/contract/exchanges.ts";
import { cacheCodes, errorTypeCodes, moduleEndpointCodes } from "#lib/core/codes.ts";
import type { ModuleEndpoint } from "#lib/core/module-request.ts";
import type { ExchangeField, RecordField, Records } from "#lib/core/record-columns.ts";

/** Which exchanges or attempts are meant; what is absent is not asked. */
export type RecordFilter = Partial<
  Pick<ExchangesParams, "endpoint" | "module" | "status" | "errorType" | "bad" | "thresholdMs">
>;

/** Whether records of a segment are meant: asked once for a segment, and then for each of its records. */
export type RecordTest<Field extends string> = (records: Records<Field>) => (at: number) => boolean;

/** What a filter asks of an exchange; `modules` are the numbers of those at or below the filter's module. */
export function exchangeTests(
  filter: RecordFilter,
  modules: ReadonlySet<number>,
): RecordTest<ExchangeField>[] {
  const { endpoint, module } = filter;
  const tests: RecordTest<ExchangeField>[] = [...commonTests(filter)];
  if (endpoint !== undefined) tests.push(equals("moduleEndpoint", endpointCode(endpoint)));
  if (module !== undefined) tests.push(ofModules(modules));
  if (filter.bad === "hit_ratio") tests.push(isMissed);
  return tests;
}

/** What a filter asks of an attempt, which has neither module, endpoint nor cache: one that names them means none. */
export function attemptTests(filter: RecordFilter): RecordTest<RecordField>[] {
  const { endpoint, module, bad } = filter;
  if (endpoint !== undefined || module !== undefined || bad === "hit_ratio") {
    return [() => () => false];
  }
  return commonTests(filter);
}

function commonTests({
  status,
  errorType,
  bad,
  thresholdMs = 0,
}: RecordFilter): RecordTest<RecordField>[] {
  const tests: RecordTest<RecordField>[] = [];
  if (status !== undefined) tests.push(equals("status", status));
  if (errorType !== undefined) tests.push(equals("errorType", errorTypeCodes.codeOf(errorType)));
  if (bad === "availability") tests.push(hasFailed);
  if (bad === "latency") tests.push(slowerThan(thresholdMs));
  return tests;
}

/** That it failed. */
export const hasFailed: RecordTest<RecordField> = equals("failed", 1);

/** That it was measured, and took longer. */
export function slowerThan(thresholdMs: number): RecordTest<RecordField> {
  const limitUs = Math.round(thresholdMs * 1_000);
  return (records) => {
    const durationUs = records.column("durationUs");
    return (at) => (durationUs[at] ?? -1) > limitUs;
  };
}

/** That it is in one of the modules; the checksum database has a name in the place of one. */
function ofModules(modules: ReadonlySet<number>): RecordTest<ExchangeField> {
  const sumdb = endpointCode("sumdb");
  return (records) => {
    const moduleId = records.column("moduleId");
    const moduleEndpoint = records.column("moduleEndpoint");
    return (at) => moduleEndpoint[at] !== sumdb && modules.has(moduleId[at] ?? 0);
  };
}

const missCode = cacheCodes.codeOf("miss");
const expiredCode = cacheCodes.codeOf("expired");

/** As objectives count what is bad: the same words as `eventsOf`, on single records. */
function isMissed(records: Records<ExchangeField>): (at: number) => boolean {
  const cache = records.column("cache");
  const status = records.column("status");
  return (at) => {
    const answered = status[at] ?? 0;
    return (
      (cache[at] === missCode || cache[at] === expiredCode) && answered >= 1 && answered <= 399
    );
  };
}

function equals<Field extends string>(field: Field, value: number): RecordTest<Field> {
  return (records) => {
    const column = records.column(field);
    return (at) => column[at] === value;
  };
}

function endpointCode(endpoint: ModuleEndpoint): number {
  return moduleEndpointCodes.codeOf(endpoint);
}
