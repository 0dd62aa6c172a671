import type { Window } from "#lib/core/bucket.ts";
import type { KeepMs } from "#lib/core/keep.ts";
import type { LogLine } from "#lib/core/log-line.ts";
import { logLineOf } from "#lib/core/log-payload.ts";
import { moduleRequestOf } from "#lib/core/module-request.ts";
import { mayBeRequest, requestNamedBy } from "#lib/core/named-request.ts";
import type { Database } from "#lib/db/open.ts";
import { queryLogBlock } from "#lib/query/log-blocks.ts";
import { queryPlaces } from "#lib/query/places.ts";
import type { RecordFilter } from "#lib/query/record-filter.ts";
import { LeftOut } from "#lib/telemetry/left-out.ts";

import { exchangesAt } from "./exchanges/at-places.ts";
import type { FoundExchange } from "./exchanges/item.ts";

/** What a log line leads to: the exchange that it names, or where to look for it. */
export type ExchangeOfLine =
  | { readonly kind: "exchange"; readonly id: string }
  | {
      readonly kind: "several";
      readonly window: Window;
      readonly proxy: string;
      readonly filter: Pick<RecordFilter, "module" | "endpoint">;
    };

/** Error lines are written while their request is under way; one that took longer is found in the list. */
const beforeMs = 60_000;
/** Some logs tell whole seconds only. */
const behindMs = 2_000;
const candidatesMax = 200;

/** The exchange that a log line names by its request, when exactly one can be meant; null when there is no such line, or it names none. */
export async function exchangeOfLine(
  db: Database,
  question: { readonly project: number; readonly lineId: string; readonly keep: KeepMs },
): Promise<ExchangeOfLine | null> {
  const { project, keep } = question;
  const line = await lineOfId(db, project, question.lineId);
  const named = line === null ? null : requestNamedBy(line.text);
  if (line === null || named === null) return null;
  const { proxy } = line;
  const atMs = line.atUs / 1_000;
  const window = { fromMs: Math.floor(atMs - beforeMs), toMs: Math.ceil(atMs + behindMs) };
  const filter = filterOf(named.path);
  const leftOut = new LeftOut();
  const options = { order: "newest", limit: candidatesMax, filter } as const;
  const places = await queryPlaces(db, { project, window, proxy, keep }, options, leftOut);
  const found = await exchangesAt(db, project, places, leftOut);
  const meant = found.filter((one) => mayBeRequest(named, one.item, one.raw) && covers(one, atMs));
  const [only] = meant;
  // What was not looked at may be meant as well.
  const isCertain = meant.length === 1 && places.length < candidatesMax && leftOut.rows === 0;
  return only !== undefined && isCertain
    ? { kind: "exchange", id: only.item.id }
    : { kind: "several", window, proxy, filter };
}

/** A log line by its id; null for no id, and when it is gone. */
async function lineOfId(db: Database, project: number, id: string): Promise<LogLine | null> {
  const parts = /^(\d{1,16})-(\d{1,10})$/.exec(id);
  if (parts === null) return null;
  const block = await queryLogBlock(db, project, Number(parts[1]), new LeftOut());
  const written = block?.written[Number(parts[2])];
  return written === undefined ? null : logLineOf(written);
}

function filterOf(path: string): Pick<RecordFilter, "module" | "endpoint"> {
  const request = moduleRequestOf(path);
  if (request === null || request.endpoint === "sumdb") return {};
  return { module: request.module, endpoint: request.endpoint };
}

/** Whether the request was under way then. */
function covers({ item }: FoundExchange, atMs: number): boolean {
  const startMs = Date.parse(item.time);
  const endMs = startMs + (item.latencyMs ?? beforeMs);
  return startMs - behindMs <= atMs && atMs <= endMs + behindMs;
}
