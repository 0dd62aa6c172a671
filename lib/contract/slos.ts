import { z } from "zod";

import { calendarUnits, isZone } from "#lib/core/calendar.ts";
import { isModulePrefix, modulePrefixLengthMax } from "#lib/core/module-prefix.ts";
import { moduleEndpoints } from "#lib/core/module-request.ts";
import { severities } from "#lib/core/severity.ts";
import { sliceWidths, sloIndicators } from "#lib/core/slo-definition.ts";
import { budgetStates } from "#lib/core/slo.ts";

import { alertLabels, key } from "./rules.ts";
import { unreadable } from "./unreadable.ts";

const time = z.iso.datetime();
const count = z.number().nonnegative();
const name = z.string().min(1).max(400).nullable().default(null);

/** A share in parts per million below all: 999000 is 99.9 %. */
const ppm = z
  .int()
  .min(1, "more than nothing")
  .max(999_999, "less than everything: an objective of 100 % has no budget");

const sloWindow = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("rolling"), days: z.int().min(1).max(366) }),
  z.object({
    kind: z.literal("calendar"),
    unit: z.enum(calendarUnits),
    zone: z.string().refine(isZone, "an IANA time zone such as Europe/Berlin"),
  }),
]);

const budgeting = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("occurrences") }),
  z.object({
    kind: z.literal("timeslices"),
    sliceSeconds: z.literal(sliceWidths),
    sliceTargetPpm: ppm.default(950_000),
  }),
]);

/** The fields of an objective, before they are held against each other. */
const sloFields = z.object({
  name: z.string().trim().min(1).max(120),
  description: z.string().max(1_050).default(""),
  indicator: z.enum(sloIndicators),
  thresholdMs: z.number().positive().max(3_600_000).nullable().default(null),
  proxy: name,
  upstream: name,
  endpoint: z.enum(moduleEndpoints).nullable().default(null),
  /** A module path: it and every module below it, `github.com/acme` with `github.com/acme/x`. */
  module: z
    .string()
    .trim()
    .max(modulePrefixLengthMax)
    .refine(
      isModulePrefix,
      "a module path such as github.com/acme, as in go.mod, without a slash at its end",
    )
    .nullable()
    .default(null),
  objectivePpm: ppm,
  window: sloWindow,
  budgeting: budgeting.default({ kind: "occurrences" }),
  coverageMinPpm: z.int().min(0).max(1_000_000).default(900_000),
  minBad: z.int().min(1).max(1_000_000).default(5),
  minTotal: z.int().min(1).max(1_000_000_000).default(20),
  alerts: z.boolean().default(true),
  labels: alertLabels.default({}),
  runbookUrl: z
    .string()
    .regex(/^https?:\/\/\S+$/, "an http or https address")
    .nullable()
    .default(null),
});
type Fields = z.infer<typeof sloFields>;

/** What does not go together in an objective: the field, and the sentence. */
const conflicts: readonly [
  field: keyof Fields,
  sentence: string,
  holds: (slo: Fields) => boolean,
][] = [
  [
    "thresholdMs",
    "a latency objective needs a threshold",
    (slo) => slo.indicator !== "latency" || slo.thresholdMs !== null,
  ],
  [
    "endpoint",
    "attempts at an upstream are not told apart by endpoint",
    (slo) => slo.upstream === null || slo.endpoint === null,
  ],
  [
    "module",
    "attempts at an upstream are not told apart by module",
    (slo) => slo.upstream === null || slo.module === null,
  ],
  [
    "module",
    "requests to the checksum database belong to no module prefix",
    (slo) => slo.module === null || slo.endpoint !== "sumdb",
  ],
  [
    "indicator",
    "the cache is the proxy's: a hit ratio has no upstream",
    (slo) => slo.indicator !== "hit_ratio" || slo.upstream === null,
  ],
  [
    "budgeting",
    "freshness is judged in slices of time",
    (slo) => slo.indicator !== "freshness" || slo.budgeting.kind === "timeslices",
  ],
];

function refuseConflicts(slo: Fields, context: z.RefinementCtx): void {
  for (const [field, message, holds] of conflicts) {
    if (!holds(slo)) context.addIssue({ code: "custom", path: [field], message });
  }
}

/** An objective as it is written. */
export const sloDefinition = sloFields.superRefine(refuseConflicts);

/** Body of `POST /api/v1/slos`. */
export const newSlo = sloFields.extend({ key }).superRefine(refuseConflicts);
/** The path of `/api/v1/slos/{key}`. */
export const sloParams = z.object({ key });

/** A stretch of time that an objective does not count. */
const correction = z.object({
  id: z.string(),
  from: time,
  to: time,
  reason: z.string(),
  author: z.string(),
  createdAt: time,
});

/** Body of `POST /api/v1/slos/{key}/corrections`. */
export const newCorrection = z
  .object({
    from: z.iso.datetime({ offset: true }),
    to: z.iso.datetime({ offset: true }),
    reason: z.string().trim().min(1).max(2_000),
    author: z.string().trim().min(1).max(120),
  })
  .refine(({ from, to }) => Date.parse(to) > Date.parse(from), {
    message: "a correction ends after it begins",
    path: ["to"],
  });

/** The path of `/api/v1/slos/{key}/corrections/{id}`. */
export const correctionParams = z.object({
  key,
  id: z.string().regex(/^\d{1,18}$/, "the number of a correction"),
});

/** Answer to a change that leaves nothing to show but whose it was. */
export const correctionSaved = z.object({ id: z.string() });
export const sloRemoved = z.object({ key: z.string() });

/** Body of `POST /api/v1/slos/openslo`: OpenSLO v1 documents, and answer of `GET`: all objectives as such. */
export const openSloBody = z.object({ yaml: z.string().max(1_000_000) });
export type OpenSloAnswer = z.infer<typeof openSloBody>;

/** Answer of `POST /api/v1/slos/openslo`: the keys of what was taken. */
export const openSloTaken = z.object({ keys: z.array(z.string()) });

/** How fast the budget burns over one row of the table. */
const burnReading = z.object({
  severity: z.enum(severities),
  longSeconds: z.int(),
  shortSeconds: z.int(),
  factor: z.number(),
  /** Null where nothing was measured. */
  long: z.number().nullable(),
  short: z.number().nullable(),
});

/** How an objective stands. */
export const sloStatus = z.object({
  /** no_data: less was observed than the objective asks for. */
  state: z.enum([...budgetStates, "no_data"]),
  /** What is counted, half open; it ends where telemetry ends. */
  from: time,
  to: time,
  /** End of the calendar period; the same as `to` for rolling windows. */
  periodEnd: time,
  /** Good and bad events, or slices. */
  total: count,
  bad: count,
  /** Of calendar windows: the total of the period, at the traffic so far. */
  projectedTotal: count,
  allowedBad: z.number(),
  remainingEvents: z.number(),
  remaining: z.number().nullable(),
  errorRate: z.number().nullable(),
  burn: z.number().nullable(),
  /** Share of the expected slices that were observed. */
  coverage: z.number().nullable(),
  /** Of a module prefix: from when on its requests are counted. Null where that is no question. */
  countedFrom: time.nullable(),
  /** Of a module prefix: whether requests from before the objective are still being counted. */
  isFilling: z.boolean(),
  /** At this pace the budget is used up in so many seconds; null when nothing burns. */
  exhaustedInSeconds: z.number().nullable(),
  /** How the numbers above come about, in words. */
  formula: z.string(),
});
export type SloStatus = z.infer<typeof sloStatus>;

/** Who or what bad events belong to. */
const sloSpender = z.object({
  kind: z.enum(["proxy", "upstream", "module", "endpoint", "errorType", "status"]),
  name: z.string(),
  bad: count,
});
export type SloSpender = z.infer<typeof sloSpender>;

/** An objective in a list. */
export const sloItem = z.object({
  key: z.string(),
  origin: z.enum(["ready-made", "own"]),
  definition: sloFields,
  status: sloStatus.nullable(),
  firing: z.int().nonnegative(),
});
export type SloItem = z.infer<typeof sloItem>;

/** Answer of `GET /api/v1/slos`. */
export const slosAnswer = z.object({ items: z.array(sloItem) });
export type SlosAnswer = z.infer<typeof slosAnswer>;

/** Answer of `GET /api/v1/slos/{key}`. */
export const sloAnswer = sloItem.extend({
  burnRates: z.array(burnReading),
  /** Left of the budget at the end of each stretch, and what even spending would have left. */
  burnDown: z.array(z.object({ at: time, remaining: z.number().nullable(), even: z.number() })),
  /** What spent the budget: bad events by who and what they belong to, most first. */
  spenders: z.array(sloSpender),
  /** Modules and error types are told from single records, which were looked at from then on; null where none were. */
  recordsFrom: time.nullable(),
  unreadable,
  /** The calendar months, or periods, before this one, newest first. */
  history: z.array(
    z.object({ from: time, to: time, total: count, bad: count, remaining: z.number().nullable() }),
  ),
  corrections: z.array(correction),
});
export type SloAnswer = z.infer<typeof sloAnswer>;
