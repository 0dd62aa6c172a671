/** OpenTelemetry's words for ranges of four severity numbers, from 1 on. */
export const logSeverities = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type LogSeverity = (typeof logSeverities)[number];

const numbersPerWord = 4;
const numberMax = logSeverities.length * numbersPerWord;

/** The word for a severity number; null for 0, which says nothing, and what is no severity number. */
export function logSeverityOf(severity: number): LogSeverity | null {
  return logSeverities[Math.floor((severity - 1) / numbersPerWord)] ?? null;
}

/** The least severity number of a word. */
export function leastSeverity(word: LogSeverity): number {
  return logSeverities.indexOf(word) * numbersPerWord + 1;
}

/** A severity number as it is stored: 0 for what is none. */
export function severityNumber(value: number): number {
  return Number.isInteger(value) && value >= 1 && value <= numberMax ? value : 0;
}

/** The severity number of a level's name in any log; 0 for a name that is no level. */
export function severityOfWord(word: string): number {
  return levels[word.toLowerCase()] ?? 0;
}

/** As OpenTelemetry maps syslog's and others' levels onto its numbers. */
const levels: Readonly<Record<string, number>> = {
  trace: 1,
  debug: 5,
  info: 9,
  information: 9,
  informational: 9,
  notice: 10,
  warn: 13,
  warning: 13,
  error: 17,
  err: 17,
  crit: 18,
  critical: 18,
  alert: 19,
  dpanic: 18,
  panic: 21,
  fatal: 21,
  emerg: 21,
  emergency: 21,
};
