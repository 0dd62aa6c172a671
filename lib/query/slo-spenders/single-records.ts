import type { SloSpender } from "#lib/contract/slos.ts";
import { Best } from "#lib/core/best.ts";
import { errorTypeCodes, moduleEndpointCodes, sourceCodes } from "#lib/core/codes.ts";
import type { Source } from "#lib/core/exchange.ts";
import type { AttemptField, ExchangeField, RecordField } from "#lib/core/record-columns.ts";
import type { SloDefinition } from "#lib/core/slo-definition.ts";
import type { Database } from "#lib/db/open.ts";
import { lookInto, storedAttempts, type StoredRecords } from "#lib/db/segments.ts";
import type { LeftOut } from "#lib/telemetry/left-out.ts";

import { visitAttempts, visitExchanges, type CountedRecords } from "../counted-records.ts";
import { readCounted } from "../counted.ts";
import { idOfName, namesOf } from "../names.ts";
import { recentFrom } from "../recent-from.ts";
import { hasFailed, slowerThan, type RecordFilter, type RecordTest } from "../record-filter.ts";
import type { SloQuestion } from "../slo-events.ts";
import { most } from "./most.ts";

/** Records that are looked through for bad ones; failed ones are led to by an index, and cost more each. */
const recordsMax = 1_000_000;
const failedMax = 200_000;
/** Bad exchanges whose attempts are looked up. */
const joinedMax = 20_000;
/** Attempts begin after their exchange, by the clock of their span. */
const attemptsBehindMs = 3_600_000;

interface SingleSpenders {
  readonly spenders: readonly SloSpender[];
  readonly fromMs: number | null;
}

/** What sums do not know of bad events: their modules, their error types, and the upstreams of a part of the exchanges. */
export async function querySingleSpenders(
  db: Database,
  question: SloQuestion,
  sourceOf: ReadonlyMap<number, Source>,
  leftOut: LeftOut,
): Promise<SingleSpenders> {
  const { definition, project } = question;
  const filter = filterOf(definition);
  if (filter === null || sourceOf.size === 0) return { spenders: [], fromMs: null };
  const fromMs = await lookedFrom(db, question);
  const { modules, errorTypes, newest } = await badRecords(db, {
    question,
    sourceOf,
    fromMs,
    filter,
    leftOut,
  });
  const upstreams =
    definition.module === null && definition.endpoint === null
      ? new Map<number, number>()
      : await badAttempts(db, { question, fromMs, leftOut }, newest);
  const nameOf = await namesOf(db, project, [...modules.keys(), ...upstreams.keys()]);
  const spenders = [
    ...most("module", [...modules], ([id, bad]) => (id === 0 ? [] : [[nameOf(id), bad]])),
    ...most("errorType", [...errorTypes], ([code, bad]) => {
      const word = errorTypeCodes.wordOf(code);
      return word === null ? [] : [[word, bad]];
    }),
    ...most("upstream", [...upstreams], ([id, bad]) => [[nameOf(id), bad]]),
  ];
  return { spenders, fromMs };
}

/** Null where nothing single is bad: freshness knows only slices of time. */
function filterOf(definition: SloDefinition): RecordFilter | null {
  const { indicator, thresholdMs, endpoint, module } = definition;
  if (indicator === "freshness") return null;
  return {
    bad: indicator,
    ...(thresholdMs !== null && { thresholdMs }),
    ...(endpoint !== null && { endpoint }),
    ...(module !== null && { module }),
  };
}

/** From when on about as many records came as may be looked through: told by hours, and the newest hour by minutes. */
async function lookedFrom(db: Database, { project, keep, window, definition }: SloQuestion) {
  const { proxy, upstream, indicator } = definition;
  const scope = { project, keep, proxy: proxy ?? undefined, upstream: upstream ?? undefined };
  const onlyFailed = indicator === "availability";
  const since = async (stretch: 60 | 3_600, fromMs: number): Promise<number> => {
    const { rows } = await readCounted(
      db,
      { ...scope, window: { fromMs, toMs: window.toMs } },
      {
        subjects: [upstream === null ? "exchange" : "attempt"],
        stretch,
        coarsest: stretch,
        countersOnly: true,
      },
    );
    return recentFrom(rows, fromMs, {
      max: onlyFailed ? failedMax : recordsMax,
      countOf: ({ counts }) => (onlyFailed ? counts.errors : counts.requests),
    });
  };
  const fromMs = await since(3_600, window.fromMs);
  return window.toMs - fromMs > 3_600_000 ? fromMs : since(60, fromMs);
}

interface Search {
  readonly question: SloQuestion;
  readonly sourceOf: ReadonlyMap<number, Source>;
  readonly fromMs: number;
  readonly filter: RecordFilter;
  readonly leftOut: LeftOut;
}

/** A bad exchange, as its attempts are found by it. */
interface BadExchange {
  readonly startUs: number;
  readonly blockId: number;
  readonly position: number;
  readonly proxyId: number;
  /** Its trace and proxy; null without a trace. */
  readonly traceKey: string | null;
}

/** How many are bad by module and by error type, and the newest of the exchanges among them. */
interface BadRecords {
  readonly modules: ReadonlyMap<number, number>;
  readonly errorTypes: ReadonlyMap<number, number>;
  readonly newest: readonly BadExchange[];
}

async function badRecords(db: Database, search: Search): Promise<BadRecords> {
  const { upstream } = search.question.definition;
  const modules = new Map<number, number>();
  const errorTypes = new Map<number, number>();
  const newest = new Best<BadExchange>(joinedMax, newestFirst);
  const wanted = await wantedOf(db, search);
  const isExcluded = excludedIn(search.question);
  if (upstream === null) {
    await visitExchanges(db.pool, wanted, {
      see: (segment, at) => {
        const { records } = segment;
        const us = records.startUs[at] ?? 0;
        if (isExcluded(us)) return;
        // The checksum database has a name in the place of a module.
        const isSumdb = records.column("moduleEndpoint")[at] === sumdbCode;
        count(modules, isSumdb ? 0 : records.column("moduleId")[at]);
        count(errorTypes, records.column("errorType")[at]);
        if (us >= (newest.bound?.startUs ?? us)) newest.add(badExchangeOf(segment, at));
      },
    });
  } else {
    const id = await idOfName(db, wanted.project, "upstream", upstream);
    await visitAttempts(db.pool, id ?? -1, wanted, {
      see: ({ records }, at) => {
        if (!isExcluded(records.startUs[at] ?? 0))
          count(errorTypes, records.column("errorType")[at]);
      },
    });
  }
  return { modules, errorTypes, newest: newest.sorted() };
}

async function wantedOf(
  db: Database,
  { question, sourceOf, fromMs, filter, leftOut }: Search,
): Promise<CountedRecords> {
  const { project, window, definition } = question;
  const proxyId =
    definition.proxy === null
      ? null
      : ((await idOfName(db, project, "proxy", definition.proxy)) ?? -1);
  return {
    project,
    window: { fromMs, toMs: window.toMs },
    sourceOf: new Map([...sourceOf].filter(([id]) => proxyId === null || id === proxyId)),
    filter,
    leftOut,
  };
}

/** Whether a record that began then lies in a stretch that does not count. */
function excludedIn({ excluded }: SloQuestion): (startUs: number) => boolean {
  return (startUs) =>
    excluded.some((cut) => startUs >= cut.fromMs * 1_000 && startUs < cut.toMs * 1_000);
}

const sumdbCode = moduleEndpointCodes.codeOf("sumdb");
const logsCode = sourceCodes.codeOf("logs");

function count(counts: Map<number, number>, key = 0): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function newestFirst(a: BadExchange, b: BadExchange): number {
  return b.startUs - a.startUs || b.blockId - a.blockId || b.position - a.position;
}

function badExchangeOf(segment: StoredRecords<ExchangeField>, at: number): BadExchange {
  const { records } = segment;
  return {
    startUs: records.startUs[at] ?? 0,
    blockId: segment.blockId,
    position: records.column("position")[at] ?? 0,
    proxyId: records.column("proxyId")[at] ?? 0,
    traceKey: traceKeyOf(segment, at),
  };
}

function traceKeyOf({ traces, records }: StoredRecords<RecordField>, at: number): string | null {
  const place = records.trace[at] ?? 0;
  if (place === 0) return null;
  return `${traces.high[place]} ${traces.low[place]} ${records.column("proxyId")[at]}`;
}

/** The bad attempts of bad exchanges, by upstream: those of a log line stand in it, those of spans share its trace. */
async function badAttempts(
  db: Database,
  { question, fromMs, leftOut }: Pick<Search, "question" | "fromMs" | "leftOut">,
  exchanges: readonly BadExchange[],
): Promise<ReadonlyMap<number, number>> {
  const { project, window, definition } = question;
  const upstreams = new Map<number, number>();
  const badness = badnessOf(definition);
  if (badness === null || exchanges.length === 0) return upstreams;
  const isTheirs = belongingTo(exchanges);
  const toMs = window.toMs + attemptsBehindMs;
  const query = {
    project,
    fromMs,
    toMs,
    proxyIds: [...new Set(exchanges.map(({ proxyId }) => proxyId))],
    ...(definition.indicator === "availability" && { failures: "some" as const }),
    leaveOut: leftOut.add,
  };
  for await (const segment of storedAttempts(db.pool, query)) {
    lookInto(segment, query, () => {
      const { records } = segment;
      const isBad = badness(records);
      const upstreamId = records.column("upstreamId");
      for (let at = 0; at < records.length; at += 1) {
        const startMs = (records.startUs[at] ?? 0) / 1_000;
        if (!isBad(at) || startMs < fromMs || startMs >= toMs) continue;
        if (isTheirs(segment, at)) count(upstreams, upstreamId[at]);
      }
    });
  }
  return upstreams;
}

/** What is bad of an attempt; null where attempts have no part in it. */
function badnessOf({ indicator, thresholdMs }: SloDefinition): RecordTest<RecordField> | null {
  if (indicator === "hit_ratio") return null;
  return indicator === "availability" ? hasFailed : slowerThan(thresholdMs ?? 0);
}

/** Whether an attempt belongs to one of the exchanges. */
function belongingTo(
  exchanges: readonly BadExchange[],
): (segment: StoredRecords<AttemptField>, at: number) => boolean {
  const places = new Set(exchanges.map(({ blockId, position }) => `${blockId} ${position}`));
  const traceKeys = new Set(exchanges.flatMap(({ traceKey }) => traceKey ?? []));
  return (segment, at) => {
    const { records } = segment;
    if (records.column("source")[at] === logsCode) {
      return places.has(`${segment.blockId} ${records.column("position")[at]}`);
    }
    const traceKey = traceKeyOf(segment, at);
    return traceKey !== null && traceKeys.has(traceKey);
  };
}
