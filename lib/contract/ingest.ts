import { z } from "zod";

/** Answer of `POST /ingest/access-logs`: what was stored, and line by line what was not and why. */
export const accessLogsAnswer = z.object({
  accepted: z.int().nonnegative(),
  rejected: z.int().nonnegative(),
  /** The first rejections, 100 at most; `rejected` counts all. */
  rejections: z.array(z.object({ line: z.int().positive(), reason: z.string() })),
});
export type AccessLogsAnswer = z.infer<typeof accessLogsAnswer>;
