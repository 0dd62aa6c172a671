import type { RetentionDays } from "#lib/config/settings.ts";
import type { KeepMs } from "#lib/core/keep.ts";

const dayMs = 86_400_000;

/** How long buckets are kept, from the settings in days. */
export function keepOf(retention: RetentionDays): KeepMs {
  return {
    10: retention.rollup10s * dayMs,
    60: retention.rollup1m * dayMs,
    3600: retention.rollup1h * dayMs,
    86400: retention.rollup1d * dayMs,
  };
}
