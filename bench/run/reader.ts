import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import type { ReadingFigures } from "../read-dashboard.ts";

/** A process that reads the dashboard until it is stopped. */
export interface Reader {
  stop(): Promise<ReadingFigures>;
}

/** Starts it; an answer that is none ends the bench. */
export function startReader(webPort: number): Reader {
  const child = fork(join(import.meta.dirname, "../read-dashboard.ts"), [
    "--url",
    `http://127.0.0.1:${webPort}`,
  ]);
  const told = new Promise<ReadingFigures>((resolve, reject) => {
    child.once("message", (figures: ReadingFigures) => resolve(figures));
    child.once("exit", (code) => reject(new Error(`the reader ended with ${code}`)));
  });
  told.catch(() => undefined);
  return {
    async stop() {
      const gone = child.exitCode === null ? once(child, "exit") : null;
      if (child.connected) child.send("stop");
      const figures = await told;
      await gone;
      return figures;
    },
  };
}
