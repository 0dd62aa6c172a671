import type { ExchangeItem } from "#lib/contract/exchanges.ts";

import type { Asked } from "./client.ts";
import { slowMs } from "./origin.ts";

/** Each attempt as its status, or as what it failed of. */
export function attemptsTold({ attempts }: ExchangeItem): string[] {
  return attempts.map(({ status, errorType }) => String(status ?? errorType ?? "unknown"));
}

/** Path, cache outcome and attempts of each exchange, sorted: some logs tell times in whole seconds. */
export function exchangesTold(stored: readonly ExchangeItem[]): string[] {
  return stored
    .map((item) => `${item.path} ${item.cache}: ${attemptsTold(item).join(", ")}`)
    .toSorted();
}

/** Proxies round to milliseconds, and begin and end a little before and after their client. */
const slackMs = 20;

/** Where what is stored is not what its clients saw: another status, or a latency that they cannot have seen. */
export function differences(stored: readonly ExchangeItem[], asked: readonly Asked[]): string[] {
  const found = stored
    .filter(({ path }) => path !== null)
    .map(({ path, status, latencyMs }) => ({ path: path ?? "", status, ms: latencyMs }))
    .toSorted(byPathAndTime);
  const seen = asked.toSorted(byPathAndTime);
  const places = Array.from({ length: Math.max(seen.length, found.length) }, (_, at) => at);
  return places.flatMap((at) => differenceOf(found[at], seen[at]) ?? []);
}

interface Timed {
  readonly path: string;
  readonly status: number | null;
  readonly ms: number | null;
}

/** Some logs tell in whole seconds when a request came: of two at one path the faster stands first. */
function byPathAndTime(a: Timed, b: Timed): number {
  return a.path.localeCompare(b.path, "en") || (a.ms ?? 0) - (b.ms ?? 0);
}

function differenceOf(found: Timed | undefined, seen: Timed | undefined): string | null {
  const [stored, asked] = [found, seen].map((each) => `${each?.path} ${each?.status}`);
  if (stored !== asked) return `stored ${stored}, asked ${asked}`;
  if (found === undefined || seen === undefined || canBe(found, seen.ms ?? 0)) return null;
  return `${asked}: ${found.ms} ms, not ${seen.ms}`;
}

function canBe({ path, ms }: Timed, seenMs: number): boolean {
  if (ms === null) return true;
  return ms <= seenMs + slackMs && (!path.includes("/slow") || ms >= slowMs - slackMs);
}
