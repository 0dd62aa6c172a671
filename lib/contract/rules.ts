import { z } from "zod";

import { noDataPolicies } from "#lib/core/alert.ts";
import { labelName, reservedLabels, ruleOrigins, ruleSubjects } from "#lib/core/rule.ts";
import { severities } from "#lib/core/severity.ts";

const seconds = z.int().min(0).max(604_800);
const pattern = z.string().min(1).max(400);

/** Names a rule or an objective in addresses and labels. */
export const key = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    "use lower-case letters, digits and hyphens, 63 at most",
  );

/** Labels of an alert. Names as Prometheus has them. */
export const alertLabels = z.record(
  z.string().regex(labelName, "a label name is letters, digits and _"),
  z.string().max(400),
);

/** A rule as it is written; `when` and `recoverWhen` are expressions. */
export const ruleDefinition = z.object({
  name: z.string().trim().min(1).max(120),
  description: z.string().max(2_000).default(""),
  per: z.enum(ruleSubjects),
  /** Only these; `*` stands for any characters. */
  proxy: pattern.nullable().default(null),
  upstream: pattern.nullable().default(null),
  when: z.string().min(1).max(2_000),
  recoverWhen: z.string().min(1).max(2_000).nullable().default(null),
  forSeconds: seconds.default(0),
  keepFiringForSeconds: seconds.default(0),
  onNoData: z.enum(noDataPolicies).default("keep"),
  minRequests: z.int().min(0).max(1_000_000_000).default(0),
  severity: z.enum(severities),
  labels: alertLabels
    .refine((labels) => reservedLabels.every((name) => !(name in labels)), {
      message: `these labels are set by the rule itself: ${reservedLabels.join(", ")}`,
    })
    .default({}),
  runbookUrl: z
    .string()
    .regex(/^https?:\/\/\S+$/, "an http or https address")
    .max(2_000)
    .nullable()
    .default(null),
});

/** A rule as a form or a script writes it; what is left out has its default. */
export type RuleBody = z.input<typeof ruleDefinition>;

/** A rule as the API answers it. */
export const rule = ruleDefinition.extend({
  key: z.string(),
  origin: z.enum(ruleOrigins),
  enabled: z.boolean(),
  /** The file it stands in; such rules are changed there. */
  file: z.string().nullable(),
  /** Of a ready-made rule: whether somebody changed it. */
  changed: z.boolean(),
  /** How many of its alerts fire now. */
  firing: z.int().nonnegative(),
  pending: z.int().nonnegative(),
  /** Why it could not be evaluated last time; null when it could. */
  problem: z.string().nullable(),
});
export type Rule = z.infer<typeof rule>;

/** Answer of `GET /api/v1/rules`. */
export const rulesAnswer = z.object({
  items: z.array(rule),
  /** The last evaluation; null before the first. */
  evaluation: z
    .object({
      at: z.iso.datetime(),
      tookMs: z.int().nonnegative(),
      instances: z.int().nonnegative(),
    })
    .nullable(),
  /** Rule files, and why the newest content of some is refused. */
  files: z.array(
    z.object({
      path: z.string(),
      readAt: z.iso.datetime(),
      problem: z.string().nullable(),
      line: z.int().nullable(),
    }),
  ),
});
export type RulesAnswer = z.infer<typeof rulesAnswer>;

/** Body of `POST /api/v1/rules`. */
export const newRule = ruleDefinition.extend({ key, enabled: z.boolean().default(true) });
/** Body of `PUT /api/v1/rules/{key}`. */
export const changedRule = ruleDefinition.extend({ enabled: z.boolean().default(true) });
/** The path of `/api/v1/rules/{key}`. */
export const ruleParams = z.object({ key });

/** Body of `POST /api/v1/rules/check`: an expression, and what it would look at. */
export const checkBody = z.object({ text: z.string().max(4_000), per: z.enum(ruleSubjects) });

/** What is wrong with an expression, as offsets into its text; null when nothing is. */
export const checkAnswer = z.object({
  problem: z
    .object({
      message: z.string(),
      from: z.int().nonnegative(),
      to: z.int().nonnegative(),
      line: z.int().positive(),
      column: z.int().positive(),
    })
    .nullable(),
  /** The metrics it reads. */
  metrics: z.array(z.string()),
});
export type CheckAnswer = z.infer<typeof checkAnswer>;

/** Answer of `GET /api/v1/rules/catalogue`: everything an expression can name, for documentation and completion. */
export const catalogueAnswer = z.object({
  windows: z.array(z.string()),
  metrics: z.array(
    z.object({
      name: z.string(),
      unit: z.string(),
      windowed: z.boolean(),
      subjects: z.array(z.enum(ruleSubjects)),
      description: z.string(),
    }),
  ),
});
export type CatalogueAnswer = z.infer<typeof catalogueAnswer>;

/** Answer to the removal of a rule. */
export const ruleRemoved = z.object({ key: z.string() });

/** Body of `POST /api/v1/rules/preview`: a rule, and the days before now to replay. */
export const previewBody = ruleDefinition.extend({
  days: z.int().min(1).max(7).default(7),
});
export type PreviewBody = z.infer<typeof previewBody>;

/** Answer of `POST /api/v1/rules/preview`: when the rule would have fired, and for whom. */
export const previewAnswer = z.object({
  /** Width of a step of the replay in seconds. */
  step: z.int().positive(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  incidents: z.array(
    z.object({
      proxy: z.string(),
      upstream: z.string().nullable(),
      firedAt: z.iso.datetime(),
      resolvedAt: z.iso.datetime().nullable(),
    }),
  ),
  /** Groups it looked at. */
  groups: z.int().nonnegative(),
  /** Groups for which nothing could be said in more than half of the steps. */
  unknownGroups: z.int().nonnegative(),
});
export type PreviewAnswer = z.infer<typeof previewAnswer>;
