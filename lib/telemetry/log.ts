import { pino, type Logger } from "pino";

/** The pages' code is bundled, so that this module exists in it a second time; the process is what both share. */
const shared: { [key: symbol]: Logger | undefined } = globalThis;
const key = Symbol.for("viascope.log");

/** One JSON line per event. Silent until a role configures it, so that tests are quiet. */
export const log: Logger = (shared[key] ??= pino({
  level: "silent",
  base: null,
  timestamp: () => `,"time":"${new Date().toISOString()}"`,
  formatters: { level: (label) => ({ level: label }) },
  redact: { paths: ["*.password", "*.token", "*.authorization", "url"], remove: true },
}));

/** Opens the log of a process. */
export function configureLog(role: string, level: string): void {
  log.setBindings({ role });
  log.level = level;
}
