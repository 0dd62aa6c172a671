import { z } from "zod";

import { rotated } from "#lib/notify/signature.ts";

const signing = z
  .array(z.object({ secret: z.string(), endsAtMs: z.number().nullable() }))
  .default([]);

/** The secrets of a webhook with a new signing secret in front. */
export function rewriteSigning(
  secrets: Readonly<Record<string, unknown>>,
  secret: string,
  nowMs: number,
  overlapMs: number,
): Record<string, unknown> {
  const before = signing.parse(secrets["signing"]);
  return { ...secrets, signing: rotated(before, secret, nowMs, overlapMs) };
}
