import { z } from "zod";

/** How many damaged rows of the database the answer lacks; the log and the page on operations tell of them. */
export const unreadable = z.int().nonnegative();
