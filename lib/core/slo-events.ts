import { countAtMost, sizeOf } from "./sketch.ts";
import type { SloDefinition } from "./slo-definition.ts";
import type { Events } from "./slo.ts";
import type { Sums } from "./sums.ts";

/** The events of sums as an objective counts them. Freshness asks only whether there were any records. */
export function eventsOf(
  { indicator, thresholdMs }: Pick<SloDefinition, "indicator" | "thresholdMs">,
  { counts, latency }: Pick<Sums, "counts" | "latency">,
): Events {
  switch (indicator) {
    case "availability":
      return { total: counts.requests, bad: counts.errors };
    case "latency": {
      const total = sizeOf(latency);
      return { total, bad: total - countAtMost(latency, (thresholdMs ?? 0) * 1000) };
    }
    case "hit_ratio": {
      const bad = counts.cacheMiss + counts.cacheExpired;
      return { total: counts.cacheHit + counts.cacheRevalidated + counts.cacheStale + bad, bad };
    }
    case "freshness":
      return { total: counts.requests, bad: 0 };
    default:
      return indicator satisfies never;
  }
}
