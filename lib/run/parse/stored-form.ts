import type { Attempt, Bits64, Exchange } from "#lib/core/exchange.ts";
import type { LogEvent } from "#lib/decode/log-event.ts";

/** An exchange as `parse` prints it: times as ISO 8601, the trace's last 8 bytes in hexadecimal. */
export function storedForm(exchange: Exchange): object {
  const { startUs, attempts, traceHash, source: _, ...rest } = exchange;
  return {
    time: isoTime(startUs),
    ...rest,
    traceHash: traceHash === null ? null : hexOf(traceHash),
    attempts: attempts.map(attemptForm),
  };
}

/** A line of a program's own log, which is kept as a log line. */
export function logLineForm(event: LogEvent): object {
  const { atUs, isUnderstood: _, ...rest } = event;
  return { time: atUs === null ? null : isoTime(atUs), ...rest };
}

function attemptForm({ startUs, ...rest }: Attempt): object {
  return { time: isoTime(startUs), ...rest };
}

/** With microseconds where there are any. */
function isoTime(us: number): string {
  const ms = Math.floor(us / 1000);
  const below = us - ms * 1000;
  const text = new Date(ms).toISOString();
  return below === 0 ? text : text.replace("Z", `${`${below}`.padStart(3, "0")}Z`);
}

function hexOf({ high, low }: Bits64): string {
  return [high, low].map((half) => half.toString(16).padStart(8, "0")).join("");
}
