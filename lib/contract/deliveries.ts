import { z } from "zod";

import { exchangeShown } from "./channels.ts";

const deliveryStates = ["pending", "delivered", "failed", "superseded"] as const;

/** Query of `GET /api/v1/deliveries`, the newest first. */
export const deliveriesParams = z.object({
  channel: z.uuid().optional(),
  state: z.enum(deliveryStates).optional(),
  /** Only those that told of this alert, by its group key. */
  alert: z.string().max(200).optional(),
  /** Only those created at this time or later. */
  since: z.iso.datetime().optional(),
  /** Only those created before this time, for the next page. */
  before: z.iso.datetime().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type DeliveriesParams = z.infer<typeof deliveriesParams>;

/** The path of one delivery. */
export const deliveryParams = z.object({ id: z.uuid() });

/** One message to one channel. */
export const deliveryItem = z.object({
  /** Also the `webhook-id`, the same over all attempts. */
  id: z.string(),
  channelId: z.string(),
  channelName: z.string(),
  kind: z.enum(["alert", "resend"]),
  groupKey: z.string(),
  reason: z.string(),
  title: z.string(),
  state: z.enum(deliveryStates),
  /** Why it failed or was overtaken, or the last failure of one that is tried again. */
  problem: z.string().nullable(),
  attempts: z.int(),
  nextAttemptAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});
export type DeliveryItem = z.infer<typeof deliveryItem>;

export const deliveriesAnswer = z.object({ items: z.array(deliveryItem) });
export type DeliveriesAnswer = z.infer<typeof deliveriesAnswer>;

/** One attempt; without an outcome it is under way, or was cut short with its worker. */
export const deliveryAttempt = z.object({
  number: z.int(),
  startedAt: z.iso.datetime(),
  latencyMs: z.int().nullable(),
  outcome: z.enum(["delivered", "retry", "rejected", "gone"]).nullable(),
  reason: z.string().nullable(),
  exchanges: z.array(exchangeShown),
  nextAttemptAt: z.iso.datetime().nullable(),
});
export type DeliveryAttempt = z.infer<typeof deliveryAttempt>;

/** Answer of `GET /api/v1/deliveries/{id}`: with every attempt, and the message itself. */
export const deliveryAnswer = z.object({
  delivery: deliveryItem,
  attempts: z.array(deliveryAttempt),
  message: z.unknown(),
});
export type DeliveryAnswer = z.infer<typeof deliveryAnswer>;

/** Answer of `POST /api/v1/deliveries/{id}/resend`. */
export const deliveryResent = z.object({ id: z.string() });
export type DeliveryResent = z.infer<typeof deliveryResent>;
