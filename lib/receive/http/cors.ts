import type { IncomingMessage } from "node:http";

/** What a browser asks before it lets a page send. */
const preflightHeaders = {
  "access-control-allow-methods": "POST",
  "access-control-allow-headers":
    "authorization, content-type, content-encoding, idempotency-key, traceparent, tracestate, baggage",
  "access-control-max-age": "7200",
};

/** Which pages may send telemetry from browsers. */
export class Cors {
  readonly #origins: ReadonlySet<string>;

  /** `*` stands for every page. */
  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins);
  }

  /** Whether a request comes from a page that may send. */
  allows({ headers }: IncomingMessage): boolean {
    const { origin } = headers;
    return origin !== undefined && (this.#origins.has("*") || this.#origins.has(origin));
  }

  /** For the answer to a request, so that its page may read it. */
  headersFor(request: IncomingMessage): Record<string, string> {
    if (this.#origins.size === 0) return {};
    if (!this.allows(request)) return { vary: "Origin" };
    return {
      "access-control-allow-origin": request.headers.origin ?? "",
      "access-control-expose-headers": "retry-after",
      vary: "Origin",
    };
  }

  /** For the answer to what a browser asks first; null for any other request. */
  preflight(request: IncomingMessage): Record<string, string> | null {
    if (request.method !== "OPTIONS" || !this.allows(request)) return null;
    if (request.headers["access-control-request-method"] === undefined) return null;
    return { ...this.headersFor(request), ...preflightHeaders };
  }
}
