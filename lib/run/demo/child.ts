import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { childEnvironment } from "#lib/config/environment.ts";

import type { DemoControl } from "../demo-control.ts";
import type { DemoReport } from "./report.ts";

export interface ChildOptions {
  readonly ingestUrl: string;
  /** How many minutes of the past to fill in, asked at each start. */
  readonly backfillMinutes: () => Promise<number>;
}

const commandLine = join(import.meta.dirname, "../../../bin/viascope.ts");
const stopMsMax = 5_000;

/** Runs the demo as a process of its own, so that it can neither slow down nor break its starter, whose end ends it. */
export function demoChild({ ingestUrl, backfillMinutes }: ChildOptions): DemoControl {
  let running: { readonly child: ChildProcess; readonly startedAt: string } | null = null;
  let starting: Promise<void> | null = null;
  const start = async (): Promise<void> => {
    const past = ["--backfill", String(await backfillMinutes())];
    const child = fork(commandLine, ["demo", "--url", ingestUrl, ...past], {
      env: childEnvironment({}),
      // Not those of the web role, which save memory and take time.
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    running = { child, startedAt: new Date().toISOString() };
    const forget = (): void => {
      if (running?.child === child) running = null;
    };
    child.once("exit", forget);
    child.once("error", forget);
    await begun(child);
  };
  return {
    status: () => ({ running: running !== null, startedAt: running?.startedAt ?? null }),
    async start() {
      if (starting === null && running !== null) return;
      starting ??= start().finally(() => {
        starting = null;
      });
      await starting;
    },
    async stop() {
      if (running !== null) await end(running.child);
    },
  };
}

/** Resolves when the demo sends, and rejects when it ended before. */
async function begun(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once("message", (report: DemoReport) => {
    if (report.kind === "sending") resolve();
  });
  child.once("error", reject);
  child.once("exit", (code, signal) => reject(new Error(`The demo ended (${signal ?? code}).`)));
  await promise;
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  const overdue = setTimeout(() => child.kill("SIGKILL"), stopMsMax);
  child.kill("SIGTERM");
  await gone;
  clearTimeout(overdue);
}
