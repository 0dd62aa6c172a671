import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { StartProblem } from "#lib/config/start-problem.ts";
import { errorCode } from "#lib/db/error-code.ts";

const requiredServerFiles = z.object({ config: z.looseObject({}) });

/** The configuration that the pages were built with, as JSON; a StartProblem when they were not. */
export async function builtConfig(checkout: string): Promise<string> {
  try {
    const text = await readFile(join(checkout, ".next/required-server-files.json"), "utf8");
    return JSON.stringify(requiredServerFiles.parse(JSON.parse(text)).config);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    throw new StartProblem("The pages are not built: run npm run build first.");
  }
}
