import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { childEnvironment } from "#lib/config/environment.ts";
import { StartProblem } from "#lib/config/start-problem.ts";

import roleOptions from "../role-options.json" with { type: "json" };
import type { RoleName, RoleReport, SupervisorMessage } from "../role.ts";
import { notice } from "./announce.ts";
import { nextDelayMs } from "./back-off.ts";

export interface KeptRole {
  /** Resolves when the role serves for the first time; rejects with the sentence of a first start that was refused. */
  readonly ready: Promise<void>;
  /** Rejects when the first start was refused; otherwise it never settles. */
  readonly refused: Promise<never>;
  /** The ports that it reported last. */
  ports(): Readonly<Record<string, number>>;
  /** Tells the process something, if it runs. */
  tell(message: SupervisorMessage): void;
  stop(): Promise<void>;
}

/** What is told between the processes of a role. */
export interface KeepOptions {
  /** What each of its processes is told once it serves. */
  readonly greeting?: SupervisorMessage;
  readonly onMessage?: (message: Extract<RoleReport, { kind: "toSiblings" }>) => void;
}

type Environment = Readonly<Record<string, string>>;

/** Starts a role in a process of its own, and again, with growing pauses, whenever it dies. */
export function keepRole(
  name: RoleName,
  environment: Environment,
  options: KeepOptions = {},
): KeptRole {
  const state: State = {
    name,
    environment,
    options,
    child: null,
    ports: {},
    served: false,
    stopping: new AbortController(),
  };
  const ready = Promise.withResolvers<void>();
  const refused = Promise.withResolvers<never>();
  const refuse = (problem: StartProblem) => {
    ready.reject(problem);
    refused.reject(problem);
  };
  // Whoever awaits them is told; these only keep Node from ending the process before that.
  ready.promise.catch(() => undefined);
  refused.promise.catch(() => undefined);
  const loop = keepStarting(state, ready.resolve, refuse);
  return {
    ready: ready.promise,
    refused: refused.promise,
    ports: () => state.ports,
    tell(message) {
      if (state.child !== null) tell(state.child, message);
    },
    async stop() {
      state.stopping.abort();
      if (state.child !== null) await stopChild(state.child);
      await loop;
    },
  };
}

interface State {
  readonly name: RoleName;
  readonly environment: Environment;
  readonly options: KeepOptions;
  readonly stopping: AbortController;
  child: ChildProcess | null;
  ports: Readonly<Record<string, number>>;
  served: boolean;
}

interface Ending {
  readonly reason: string;
  readonly refused: boolean;
  readonly servedMs: number;
}

async function keepStarting(
  state: State,
  ready: () => void,
  refuse: (problem: StartProblem) => void,
): Promise<void> {
  const { signal } = state.stopping;
  let delayMs = 0;
  while (!signal.aborted) {
    const ending = await runOnce(state, ready);
    if (signal.aborted) return;
    if (ending.refused && !state.served) return refuse(new StartProblem(ending.reason));
    delayMs = nextDelayMs(delayMs, ending.servedMs);
    notice(`${state.name} ended (${ending.reason}); it starts again in ${delayMs / 1_000} s.`);
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
  }
}

function runOnce(state: State, ready: () => void): Promise<Ending> {
  const startedMs = performance.now();
  const child = startChild(state);
  let failure: Extract<RoleReport, { kind: "failed" }> | null = null;
  const { greeting, onMessage } = state.options;
  child.on("message", (report: RoleReport) => {
    if (report.kind === "failed") failure = report;
    else if (report.kind === "toSiblings") onMessage?.(report);
    else {
      state.ports = report.ports;
      state.served = true;
      ready();
      if (greeting !== undefined) tell(child, greeting);
    }
  });
  return new Promise((resolve) => {
    const end = (fallback: string) => {
      state.child = null;
      resolve({
        reason: failure?.reason ?? fallback,
        refused: failure?.refused ?? false,
        servedMs: performance.now() - startedMs,
      });
    };
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, signal) => end(signal ?? `exit code ${code}`));
  });
}

const commandLine = join(import.meta.dirname, "../../../bin/viascope.ts");

function startChild(state: State): ChildProcess {
  const ports = Object.entries(state.ports).map(([name, port]) => [name, String(port)]);
  const child = fork(commandLine, [state.name], {
    env: childEnvironment(
      { ...state.environment, ...Object.fromEntries(ports), NODE_ENV: "production" },
      roleOptions[state.name].environment,
    ),
    execArgv: [...process.execArgv, ...roleOptions[state.name].nodeOptions],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  state.child = child;
  return child;
}

const drainMsMax = 25_000;

async function stopChild(child: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  tell(child, { kind: "stop" });
  const overdue = setTimeout(() => child.kill("SIGKILL"), drainMsMax);
  await gone;
  clearTimeout(overdue);
}

/** What a process that is just ending does not hear is of no use to it. */
function tell(child: ChildProcess, message: SupervisorMessage): void {
  if (child.connected) child.send(message, () => undefined);
}
