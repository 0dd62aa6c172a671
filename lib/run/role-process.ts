import { refuseOpenDoors } from "#lib/config/closed-doors.ts";
import { adoptSettings } from "#lib/config/environment.ts";
import { readSettings, type Settings } from "#lib/config/settings.ts";
import { StartProblem } from "#lib/config/start-problem.ts";
import { clusterFolder, urlOfRunning } from "#lib/db/embedded.ts";
import { exportTelemetry } from "#lib/telemetry/export.ts";
import { observeLeftOut } from "#lib/telemetry/left-out.ts";
import { configureLog, log } from "#lib/telemetry/log.ts";
import { metrics } from "#lib/telemetry/metrics.ts";
import { observeProcess } from "#lib/telemetry/process-metrics.ts";

import type {
  RoleName,
  RoleReport,
  RoleSettings,
  RunningRole,
  StartRole,
  SupervisorMessage,
} from "./role.ts";

/** Runs one role in this process until it is told to stop, and ends the process. Stops too when its supervisor dies. */
export async function runRoleProcess(name: RoleName, start: StartRole): Promise<void> {
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  const stopAsked = stopRequest();
  try {
    const settings = readSettings();
    refuseOpenDoors(settings, [name]);
    configureLog(name, settings.logLevel);
    observeProcess();
    observeLeftOut(metrics);
    const flush = await exportTelemetry(name, settings.otlpEndpoint);
    const role = await start(await withDatabase(settings));
    announce(name, role);
    await stopAsked;
    await role.stop();
    await flush();
    log.info("stopped");
    process.exit(0);
  } catch (error) {
    fail(error);
  }
}

function announce(name: RoleName, role: RunningRole): void {
  report({ kind: "ready", ports: role.ports });
  log.info({ ports: role.ports }, "ready");
  if (process.connected) return;
  process.stdout.write(`Viascope ${name} is running. Ctrl-C stops it.\n`);
}

/** A role that is started alone finds the database of `npm start` on this machine, if that runs. */
async function withDatabase(settings: Settings): Promise<RoleSettings> {
  const databaseUrl = settings.databaseUrl ?? (await urlOfRunning(clusterFolder(settings.dataDir)));
  if (databaseUrl === null) {
    throw new StartProblem(
      "A role that is started alone needs a database: set DATABASE_URL to a Postgres, or use npm start, which brings one.",
    );
  }
  adoptSettings({ DATABASE_URL: databaseUrl });
  return { ...settings, databaseUrl };
}

/** Resolves when this process should end. Under a supervisor Ctrl-C is the supervisor's: it reaches every process of the terminal at once. */
function stopRequest(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.on("SIGINT", () => {
      if (!process.connected) resolve();
    });
    process.on("message", (message: SupervisorMessage) => {
      if (message.kind === "stop") resolve();
    });
    process.once("disconnect", () => resolve());
  });
}

function fail(error: unknown): never {
  const refused = error instanceof StartProblem;
  const reason = error instanceof Error ? error.message : String(error);
  if (!refused) log.fatal({ err: error }, "failed");
  report({ kind: "failed", refused, reason });
  if (!process.connected) process.stderr.write(`viascope: ${reason}\n`);
  process.exit(1);
}

function report(message: RoleReport): void {
  if (process.connected) process.send?.(message);
}
