import { z } from "zod";

import { matcher } from "./silences.ts";

const dayMs = 86_400_000;
const routesMax = 200;

/** One node of the tree of routes; what is absent is taken from the node above. */
export interface RouteNodeDocument {
  matchers: z.infer<typeof matcher>[];
  /** Ids of channels; an empty list tells nobody. */
  channels?: string[] | undefined;
  /** Label names; `...` alone groups by all labels. */
  groupBy?: string[] | undefined;
  groupWaitMs?: number | undefined;
  groupIntervalMs?: number | undefined;
  repeatIntervalMs?: number | undefined;
  continue: boolean;
  routes: RouteNodeDocument[];
}

const routeNode: z.ZodType<RouteNodeDocument> = z.object({
  matchers: z.array(matcher).max(20).default([]),
  channels: z.array(z.uuid()).max(20).optional(),
  groupBy: z.array(z.string().min(1).max(200)).max(20).optional(),
  groupWaitMs: z.int().min(0).max(dayMs).optional(),
  groupIntervalMs: z.int().min(1_000).max(dayMs).optional(),
  repeatIntervalMs: z
    .int()
    .min(1_000)
    .max(30 * dayMs)
    .optional(),
  continue: z.boolean().default(false),
  routes: z
    .array(z.lazy(() => routeNode))
    .max(routesMax)
    .default([]),
});

/** While an alert that matches `source` fires, alerts that match `target` are hidden, where the labels named are equal. */
const inhibitRule = z.object({
  source: z.array(matcher).min(1).max(20),
  target: z.array(matcher).min(1).max(20),
  equal: z.array(z.string().min(1).max(200)).max(20).default([]),
});

export const notificationPolicy = z.object({
  route: routeNode,
  inhibit: z.array(inhibitRule).max(100).default([]),
});
export type NotificationPolicyDocument = z.infer<typeof notificationPolicy>;

/** Answer of `GET /api/v1/routes`. Revision 0 is the tree before anybody saved one. */
export const routesAnswer = z.object({ policy: notificationPolicy, revision: z.int().min(0) });
export type RoutesAnswer = z.infer<typeof routesAnswer>;

/** Body of `PUT /api/v1/routes`: the whole tree, and the revision it was made from. */
export const routesChange = z.object({ policy: notificationPolicy, revision: z.int().min(0) });
export type RoutesChange = z.infer<typeof routesChange>;

/** Body of `POST /api/v1/routes/explain`: the labels of an alert, as it is or as it might be. */
export const routesQuestion = z.object({ labels: z.record(z.string(), z.string()) });

/** Why an alert with such labels is told to whom, or to nobody. */
export const routesExplanation = z.object({
  routes: z.array(
    z.object({
      key: z.string(),
      groupKey: z.string(),
      channels: z.array(z.object({ id: z.string(), name: z.string(), disabled: z.boolean() })),
      /** When the group is looked at next; null while there is no such group. */
      groupedUntil: z.iso.datetime().nullable(),
    }),
  ),
  silencedBy: z.array(z.string()),
  inhibitedBy: z.array(z.string()),
});
export type RoutesExplanation = z.infer<typeof routesExplanation>;
