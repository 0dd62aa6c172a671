import { z } from "zod";

import { tlsReasons } from "#lib/core/tls-reason.ts";

/** Failed TLS handshakes by side and reason; `upstream` is null for the client's side. */
export const tlsFailure = z.object({
  proxy: z.string(),
  side: z.enum(["client", "upstream"]),
  upstream: z.string().nullable(),
  reason: z.enum(tlsReasons),
  count: z.int().nonnegative(),
});
export type TlsFailure = z.infer<typeof tlsFailure>;

/** Answer of `GET /api/v1/tls`, most first. */
export const tlsAnswer = z.object({ items: z.array(tlsFailure) });
export type TlsAnswer = z.infer<typeof tlsAnswer>;
