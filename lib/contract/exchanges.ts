import { z } from "zod";

import { cacheOutcomes } from "#lib/core/cache-outcome.ts";
import { errorTypes } from "#lib/core/error-type.ts";
import { isModulePrefix, modulePrefixLengthMax } from "#lib/core/module-prefix.ts";
import { moduleEndpoints } from "#lib/core/module-request.ts";
import { tlsReasons } from "#lib/core/tls-reason.ts";

import { logItem } from "./logs.ts";
import { unreadable } from "./unreadable.ts";

/** What an objective may find bad in a single exchange. */
export const badKinds = ["availability", "latency", "hit_ratio"] as const;

/** Query of `GET /api/v1/exchanges`: the worst first (errors, then the slowest), or the newest first. */
export const exchangesParams = z.object({
  proxy: z.string().optional(),
  upstream: z.string().optional(),
  endpoint: z.enum(moduleEndpoints).optional(),
  /** A module path: it and every module below it. */
  module: z
    .string()
    .max(modulePrefixLengthMax)
    .refine(isModulePrefix, "a module path such as github.com/acme, without a slash at its end")
    .optional(),
  /** Of the answer, or with an upstream of the attempt at it; 0 is none. */
  status: z.coerce.number().int().min(0).max(599).optional(),
  errorType: z.enum(errorTypes).optional(),
  /** Only those that an objective counts as bad. */
  bad: z.enum(badKinds).optional(),
  /** Slower than this is bad for latency. */
  thresholdMs: z.coerce.number().positive().max(3_600_000).optional(),
  order: z.enum(["worst", "newest"]).default("worst"),
  limit: z.coerce.number().int().min(1).max(200).default(20),
});
export type ExchangesParams = z.infer<typeof exchangesParams>;

/** The same, without what does not go together. */
export const exchangesQuery = exchangesParams
  .refine(
    ({ upstream, module, endpoint, bad }) =>
      upstream === undefined ||
      (module === undefined && endpoint === undefined && bad !== "hit_ratio"),
    {
      path: ["upstream"],
      message: "attempts at an upstream are not told apart by module, endpoint or cache",
    },
  )
  .refine(({ bad, thresholdMs }) => bad !== "latency" || thresholdMs !== undefined, {
    path: ["thresholdMs"],
    message: "needed to tell which latency is bad",
  });

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
export const exchangesAnswer = z.object({ items: z.array(exchangeItem), unreadable });
export type ExchangesAnswer = z.infer<typeof exchangesAnswer>;

/** Answer of `GET /api/v1/exchanges/{id}`: the exchange, the line or span it was read from, and log lines that name its request. */
export const exchangeAnswer = z.object({
  exchange: exchangeItem,
  raw: z.string(),
  lines: z.array(logItem),
});
export type ExchangeAnswer = z.infer<typeof exchangeAnswer>;
