import { z } from "zod";

/** Whose numbers: of one proxy, of one upstream, or of all when absent. */
export const scopeParams = z.object({
  proxy: z.string().min(1).optional(),
  upstream: z.string().min(1).optional(),
});

/** The path of `GET /api/v1/traces/{traceId}`. */
export const traceParams = z.object({
  traceId: z
    .string()
    .toLowerCase()
    .regex(/^[0-9a-f]{32}$/, "A trace id is 32 hexadecimal digits"),
});

/** The path of `GET /api/v1/exchanges/{id}`. */
export const exchangeParams = z.object({ id: z.string().min(1).max(200) });
