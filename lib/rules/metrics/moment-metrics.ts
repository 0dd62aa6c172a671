import type { Group, OwnState, Received } from "#lib/core/measured.ts";
import type { RuleSubject } from "#lib/core/rule.ts";

import type { Unit } from "./window-metrics.ts";

/** A metric without a window to choose: what holds now, or what was counted of late. */
export interface MomentMetric {
  readonly unit: Unit;
  readonly description: string;
  readonly subjects: readonly RuleSubject[];
  readonly valueOf: (group: Group, nowMs: number) => number | null;
}

const both: readonly RuleSubject[] = ["proxy", "upstream"];

/** The metrics by name. */
export const momentMetrics: Readonly<Record<string, MomentMetric>> = {
  silence: {
    unit: "seconds",
    description: "time since the newest record",
    subjects: both,
    valueOf: ({ lastMs }, nowMs) => (lastMs === null ? null : Math.max(0, (nowMs - lastMs) / 1000)),
  },
  clock_ahead: {
    unit: "seconds",
    description: "how far the newest record lies in the future: the sender's clock is ahead",
    subjects: both,
    valueOf: ({ lastMs }, nowMs) => (lastMs === null ? null : Math.max(0, (lastMs - nowMs) / 1000)),
  },
  clock_off: {
    unit: "seconds",
    description:
      "how far the clock of a proxy's worst sender is off, ahead or behind, as far as receipt times and records from the future tell; behind can also be something that holds all telemetry for that long",
    subjects: ["proxy"],
    valueOf: ({ clockOffMs, lastMs }, nowMs) =>
      clockOffMs === null && lastMs === null
        ? null
        : Math.max(0, clockOffMs ?? 0, (lastMs ?? 0) - nowMs) / 1000,
  },
  unavailable_in_row: {
    unit: "count",
    description:
      "attempts in a row, up to now, that were answered 503 or 504 or got no proper answer at all",
    subjects: ["upstream"],
    valueOf: ({ unavailableInRow }) => unavailableInRow,
  },
  certificate_left: {
    unit: "seconds",
    description:
      "time until the certificate ends that checks last saw, below 0 when it has ended; unknown where none is checked",
    subjects: ["certificate", "upstream"],
    valueOf: ({ certificateEndsMs }, nowMs) =>
      certificateEndsMs === null ? null : (certificateEndsMs - nowMs) / 1000,
  },
  token_left: {
    unit: "seconds",
    description: "time until a token expires that was used within a week, below 0 when it has",
    subjects: ["token"],
    valueOf: ({ tokenExpiresMs }, nowMs) =>
      tokenExpiresMs === undefined ? null : (tokenExpiresMs - nowMs) / 1000,
  },
  disk_used: own(
    "ratio",
    "share of the disk of the database that is used, by whatever; unknown where it is another machine's",
    ({ diskUsed }) => diskUsed,
  ),
  disk_left: own(
    "seconds",
    "how long that disk will do at the growth of the last seven days, ten years at most; unknown before two whole days",
    ({ diskLeftSeconds }) => diskLeftSeconds,
  ),
  spool_used: own(
    "ratio",
    "share of VIASCOPE_SPOOL_BYTES_MAX that waits for the database, in the fullest spool",
    ({ spoolUsed }) => spoolUsed,
  ),
  refused_records_5m: received(
    "count",
    "records that were refused or dropped, and bodies that could not be read, in five minutes",
    ({ recordsRefused }) => recordsRefused,
  ),
  refused_records_rate_5m: received(
    "ratio",
    "share of records in five minutes that were refused or dropped",
    ({ recordsRefused, recordsStored }) => share(recordsRefused, recordsStored),
  ),
  refused_requests_5m: received(
    "count",
    "requests that were refused as a whole in five minutes, whatever the reason",
    ({ requestsRefused }) => requestsRefused,
  ),
  refused_requests_rate_5m: received(
    "ratio",
    "share of requests in five minutes that were refused as a whole",
    ({ requestsRefused, requestsTaken }) => share(requestsRefused, requestsTaken),
  ),
  lost_5m: received(
    "count",
    "messages and requests in five minutes that are gone without their sender being told; damage counts once",
    ({ lost }) => lost,
  ),
};

function own(
  unit: Unit,
  description: string,
  valueOf: (state: OwnState) => number | null,
): MomentMetric {
  return {
    unit,
    description,
    subjects: ["viascope"],
    valueOf: ({ own: state }) => (state === undefined ? null : valueOf(state)),
  };
}

function received(
  unit: Unit,
  description: string,
  valueOf: (counts: Received) => number | null,
): MomentMetric {
  return own(unit, description, ({ received: counts }) =>
    counts === null ? null : valueOf(counts),
  );
}

function share(part: number, rest: number): number | null {
  return part + rest === 0 ? null : part / (part + rest);
}
