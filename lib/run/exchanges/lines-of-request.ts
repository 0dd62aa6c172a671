import { type LogItem, logsParams } from "#lib/contract/logs.ts";
import { mayBeRequest, requestNamedBy } from "#lib/core/named-request.ts";
import type { Database } from "#lib/db/open.ts";

import { readLogs } from "../read-logs.ts";
import type { FoundExchange } from "./item.ts";

/** Some logs tell whole seconds only. */
const aroundMs = 2_000;
const linesMax = 50;
const searchedMax = 200;

/** The log lines of the proxy that name the request while it was under way; the first of them first. */
export async function linesOfRequest(
  db: Database,
  project: number,
  { item, raw }: FoundExchange,
): Promise<LogItem[]> {
  const { path, proxy } = item;
  if (path === null) return [];
  const startMs = Date.parse(item.time);
  const window = {
    fromMs: Math.floor(startMs - aroundMs),
    toMs: Math.ceil(startMs + (item.latencyMs ?? 0) + aroundMs),
  };
  const [query] = path.slice(0, searchedMax).split("?");
  const params = logsParams.parse({ proxy, kind: "record", query, limit: 2 * linesMax });
  const { items } = await readLogs(db, { project, window }, params);
  const named = items.filter(({ text }) => {
    const request = requestNamedBy(text);
    return request !== null && mayBeRequest(request, item, raw);
  });
  return named.slice(0, linesMax).toReversed();
}
