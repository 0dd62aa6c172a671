import type { Attempt, Exchange } from "./exchange.ts";

/** Statuses that a Go proxy answers in normal service: the go command then asks the next one. */
export function isNotFound(status: number | null): boolean {
  return status === 404 || status === 410;
}

/** An error as design §1 has it: status >= 500, 429, or a transport failure; 499 is the client's. */
export function isError(outcome: Pick<Exchange, "status" | "errorType">): boolean {
  if (outcome.status === 499) return false;
  return (
    outcome.errorType !== null ||
    (outcome.status !== null && (outcome.status >= 500 || outcome.status === 429))
  );
}

/** Whether the attempt failed, so that the next one is a retry or a fallback (reference/otlp.md §3c). */
export function attemptFailed(
  attempt: Pick<Attempt, "status" | "errorType" | "canceled">,
): boolean {
  if (attempt.canceled) return false;
  if (attempt.errorType !== null || attempt.status === null) return true;
  return attempt.status >= 500 || [408, 425, 429].includes(attempt.status);
}
