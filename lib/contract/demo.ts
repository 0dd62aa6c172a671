import { z } from "zod";

/** Answer of `GET /api/v1/demo`, and what a `POST` sends: whether demo traffic runs, or should. */
export const demoAnswer = z.object({ running: z.boolean() });
export type DemoAnswer = z.infer<typeof demoAnswer>;
