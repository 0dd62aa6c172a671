import { log } from "#lib/telemetry/log.ts";

/** Writes down that a request failed on our side; the path alone, as a query may hold what is nobody's business. */
export function reportFailure(request: Request, error: unknown): void {
  log.error({ path: new URL(request.url).pathname, err: error }, "request failed");
}
