import { z } from "zod";

/** `from` and `to` of a question: ISO 8601, epoch milliseconds, or `now-1h`; the last hour when absent. */
export const windowParams = z.object({
  from: z.string().default("now-1h"),
  to: z.string().default("now"),
});
