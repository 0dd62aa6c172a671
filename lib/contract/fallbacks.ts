import { z } from "zod";

import { fallbackCauses } from "#lib/core/relations.ts";

/** Exchanges that left one upstream for another, and why. */
export const fallbackEdge = z.object({
  proxy: z.string(),
  from: z.string(),
  to: z.string(),
  count: z.int().nonnegative(),
  causes: z.partialRecord(z.enum(fallbackCauses), z.int().nonnegative()),
});
export type FallbackEdge = z.infer<typeof fallbackEdge>;

/** Answer of `GET /api/v1/fallbacks`, most first. */
export const fallbacksAnswer = z.object({ items: z.array(fallbackEdge) });
export type FallbacksAnswer = z.infer<typeof fallbacksAnswer>;
