import { z } from "zod";

/** What a window's words mean stands in core, so that the browser can read them without zod. */
export { timeOf, windowMsMax, windowOf } from "#lib/core/window.ts";

/** `from` and `to` of a question: ISO 8601, epoch milliseconds, or `now-1h`; the last hour when absent. */
export const windowParams = z.object({
  from: z.string().default("now-1h"),
  to: z.string().default("now"),
});
export type WindowParams = z.infer<typeof windowParams>;
