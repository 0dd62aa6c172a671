import { z } from "zod";

/** An error as the API answers it: RFC 9457 problem details, with a sentence that says what to change. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
});
export type Problem = z.infer<typeof problem>;
