import { z } from "zod";

/** The path of one token. */
export const tokenParams = z.object({ id: z.uuid() });

const perSecond = z.int().min(1).max(2_000_000_000).nullable();

/** A token as everybody may see it; the token itself is shown once, when it is made. */
export const tokenItem = z.object({
  id: z.string(),
  name: z.string(),
  use: z.enum(["ingest", "metrics"]),
  /** How it begins. */
  hint: z.string(),
  state: z.enum(["inUse", "expired", "revoked"]),
  /** Of each ingest process; null is no limit. */
  recordsPerSecond: perSecond,
  /** Of bodies after decompression, and of each ingest process; null is no limit. */
  bytesPerSecond: perSecond,
  expiresAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});
export type TokenItem = z.infer<typeof tokenItem>;

/** Answer of `GET /api/v1/tokens`. */
export const tokensAnswer = z.object({
  items: z.array(tokenItem),
  /** Whether senders on this machine need a token too, because VIASCOPE_INGEST_TOKEN is set. */
  localNeedsToken: z.boolean(),
});
export type TokensAnswer = z.infer<typeof tokensAnswer>;

/** Body of `POST /api/v1/tokens`. `ingest` sends telemetry, `metrics` reads /metrics. */
export const tokenChange = z.object({
  name: z.string().trim().min(1).max(100),
  use: z.enum(["ingest", "metrics"]).default("ingest"),
  recordsPerSecond: perSecond.default(null),
  bytesPerSecond: perSecond.default(null),
  expiresAt: z.iso.datetime({ offset: true }).nullable().default(null),
});
export type TokenChange = z.input<typeof tokenChange>;

/** Answer of `POST /api/v1/tokens`: the only time that the token is told. */
export const tokenMade = z.object({ item: tokenItem, token: z.string() });
export type TokenMade = z.infer<typeof tokenMade>;
