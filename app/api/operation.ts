import type { z } from "zod";

/** One question of the API: its address, what it takes and what it answers. */
export interface Operation {
  readonly path: string;
  readonly method: "get" | "post" | "put" | "delete";
  readonly id: string;
  readonly summary: string;
  readonly search?: z.ZodObject;
  readonly inPath?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: { readonly name: string; readonly schema: z.ZodType };
  readonly refusals: readonly number[];
}
