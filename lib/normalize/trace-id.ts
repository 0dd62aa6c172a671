const written = /^[0-9a-f]{16,32}$/;

/** A trace id as a log wrote it, as 32 hex digits: those of 64 bits stand behind zeros, as OpenTelemetry has them; null for what is none. */
export function wholeTraceId(text: string | null): string | null {
  const id = text?.toLowerCase() ?? "";
  return written.test(id) && !/^0+$/.test(id) ? id.padStart(32, "0") : null;
}

/** Whether a trace id as a log wrote it names the trace; some logs hold its last 64 bits only. */
export function namesTrace(text: string | null, traceId: string): boolean {
  const id = text?.toLowerCase() ?? "";
  return (
    written.test(id) && (id.length === 16 ? traceId.endsWith(id) : wholeTraceId(id) === traceId)
  );
}
