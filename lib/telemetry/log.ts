import { pino } from "pino";

/** One JSON line per event. Silent until a role configures it, so that tests are quiet. */
export const log = pino({
  level: "silent",
  base: null,
  timestamp: () => `,"time":"${new Date().toISOString()}"`,
  formatters: { level: (label) => ({ level: label }) },
  redact: { paths: ["*.password", "*.token", "*.authorization", "url"], remove: true },
});

/** Opens the log of a process. */
export function configureLog(role: string, level: string): void {
  log.setBindings({ role });
  log.level = level;
}
