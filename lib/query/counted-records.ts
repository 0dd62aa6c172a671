import type { ClientBase, Pool } from "pg";

import type { Window } from "#lib/core/bucket.ts";
import { sourceCodes } from "#lib/core/codes.ts";
import type { Source } from "#lib/core/exchange.ts";
import type { AttemptField, ExchangeField, RecordField } from "#lib/core/record-columns.ts";
import { modulesUnder } from "#lib/db/modules-under.ts";
import {
  lookInto,
  storedAttempts,
  storedExchanges,
  type SegmentQuery,
  type StoredRecords,
} from "#lib/db/segments.ts";
import type { LeftOut } from "#lib/telemetry/left-out.ts";

import {
  attemptTests,
  exchangeTests,
  type RecordFilter,
  type RecordTest,
} from "./record-filter.ts";

/** Which single records are looked for. */
export interface CountedRecords {
  readonly project: number;
  /** When they began. */
  readonly window: Window;
  /** Their proxies, and the source from which each is counted. */
  readonly sourceOf: ReadonlyMap<number, Source>;
  readonly filter: RecordFilter;
  /** In segments with records that failed, or in the others. */
  readonly failures?: "some" | "none";
  /** Told of what cannot be read. */
  readonly leftOut: LeftOut;
}

/** What is done with the records that were found. */
export interface RecordVisitor<Field extends string> {
  see(segment: StoredRecords<Field>, at: number): void;
  /** Whether neither this segment nor those after it can matter. */
  isOver?(segment: StoredRecords<Field>): boolean;
}

/** Visits exchanges, segment by segment, those that end last first; within a segment in any order. */
export async function visitExchanges(
  client: Pool | ClientBase,
  wanted: CountedRecords,
  visitor: RecordVisitor<ExchangeField>,
): Promise<void> {
  const { project, filter } = wanted;
  const modules =
    filter.module === undefined
      ? new Set<number>()
      : await modulesUnder(client, project, filter.module);
  const tests = [...exchangeTests(filter, modules), ...commonTests(wanted)];
  const query = segmentsOf(wanted);
  await visit(query, storedExchanges(client, query), tests, visitor);
}

/** The same of the attempts at one upstream. */
export async function visitAttempts(
  client: Pool | ClientBase,
  upstreamId: number,
  wanted: CountedRecords,
  visitor: RecordVisitor<AttemptField>,
): Promise<void> {
  const atUpstream: RecordTest<AttemptField> = (records) => {
    const upstreamIds = records.column("upstreamId");
    return (at) => upstreamIds[at] === upstreamId;
  };
  const tests = [atUpstream, ...attemptTests(wanted.filter), ...commonTests(wanted)];
  const query = { ...segmentsOf(wanted), upstreamIds: [upstreamId] };
  await visit(query, storedAttempts(client, query), tests, visitor);
}

async function visit<Field extends string>(
  query: SegmentQuery,
  segments: AsyncIterable<StoredRecords<Field>>,
  tests: readonly RecordTest<Field>[],
  visitor: RecordVisitor<Field>,
): Promise<void> {
  for await (const segment of segments) {
    if (visitor.isOver?.(segment) === true) return;
    lookInto(segment, query, () => {
      const { records } = segment;
      const bound = tests.map((test) => test(records));
      for (let at = 0; at < records.length; at += 1) {
        if (bound.every((isMeant) => isMeant(at))) visitor.see(segment, at);
      }
    });
  }
}

function segmentsOf({
  project,
  window,
  sourceOf,
  filter,
  failures,
  leftOut,
}: CountedRecords): SegmentQuery {
  const meant = filter.bad === "availability" ? "some" : failures;
  return {
    project,
    ...window,
    proxyIds: [...sourceOf.keys()],
    ...(meant !== undefined && { failures: meant }),
    leaveOut: leftOut.add,
  };
}

function commonTests({ window, sourceOf }: CountedRecords): RecordTest<RecordField>[] {
  return [within(window), counted(sourceOf)];
}

function within({ fromMs, toMs }: Window): RecordTest<RecordField> {
  const [fromUs, toUs] = [fromMs * 1_000, toMs * 1_000];
  return ({ startUs }) =>
    (at) => {
      const us = startUs[at] ?? 0;
      return us >= fromUs && us < toUs;
    };
}

function counted(sourceOf: ReadonlyMap<number, Source>): RecordTest<RecordField> {
  const codeOf = new Map([...sourceOf].map(([id, source]) => [id, sourceCodes.codeOf(source)]));
  return (records) => {
    const proxyId = records.column("proxyId");
    const source = records.column("source");
    return (at) => codeOf.get(proxyId[at] ?? 0) === source[at];
  };
}
