import { z } from "zod";

import { cacheOutcomes } from "#lib/core/cache-outcome.ts";
import { errorTypes } from "#lib/core/error-type.ts";
import { moduleEndpoints } from "#lib/core/module-request.ts";
import { tlsReasons } from "#lib/core/tls-reason.ts";

/** Query of `GET /api/v1/exchanges`: the worst first (errors, then the slowest), or the newest first. */
export const exchangesParams = z.object({
  proxy: z.string().optional(),
  upstream: z.string().optional(),
  order: z.enum(["worst", "newest"]).default("worst"),
  limit: z.coerce.number().int().min(1).max(200).default(20),
});
export type ExchangesParams = z.infer<typeof exchangesParams>;

/** One attempt in a list of exchanges. */
export const attemptItem = z.object({
  upstream: z.string(),
  endpoint: z.string().nullable(),
  status: z.int().nullable(),
  errorType: z.enum(errorTypes).nullable(),
  tlsReason: z.enum(tlsReasons).nullable(),
  latencyMs: z.number().nullable(),
});

/** One exchange in a list: enough to judge it, and the way to its details. */
export const exchangeItem = z.object({
  /** Names the exchange in `/api/v1/exchanges/{id}`. */
  id: z.string(),
  time: z.iso.datetime(),
  proxy: z.string(),
  method: z.string().nullable(),
  path: z.string().nullable(),
  status: z.int().nullable(),
  errorType: z.enum(errorTypes).nullable(),
  latencyMs: z.number().nullable(),
  cache: z.enum(cacheOutcomes).nullable(),
  module: z
    .object({
      module: z.string(),
      version: z.string().nullable(),
      endpoint: z.enum(moduleEndpoints),
    })
    .nullable(),
  attempts: z.array(attemptItem),
  /** 32 hex digits; null for exchanges without a trace. */
  traceId: z.string().nullable(),
});
export type ExchangeItem = z.infer<typeof exchangeItem>;

/** Answer of `GET /api/v1/exchanges`. */
export const exchangesAnswer = z.object({ items: z.array(exchangeItem) });
export type ExchangesAnswer = z.infer<typeof exchangesAnswer>;

/** Answer of `GET /api/v1/exchanges/{id}`: the exchange, and the line or span it was read from. */
export const exchangeAnswer = z.object({ exchange: exchangeItem, raw: z.string() });
export type ExchangeAnswer = z.infer<typeof exchangeAnswer>;
