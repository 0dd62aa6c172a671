import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";

import { metrics } from "#lib/telemetry/metrics.ts";

import { listen, type ListenAddress } from "./listen.ts";

export interface HealthFacts {
  /** Whether the role can do its work now. */
  readonly ready: () => Promise<boolean>;
  /** Whether a caller may see the counters; everyone when absent. */
  readonly mayRead?: (request: IncomingMessage) => boolean | Promise<boolean>;
}

/** Serves /api/health, /api/ready and /metrics of a role that has no listener of its own. */
export async function serveMetrics(
  address: ListenAddress,
  facts: HealthFacts,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const answer = healthAnswers(facts);
  const server = createServer((request, response) => {
    if (!answer(request, response)) response.writeHead(404).end();
  });
  const port = await listen(server, address);
  return {
    port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers a request for health, readiness or metrics, and says whether it was one. */
export function healthAnswers(
  facts: HealthFacts,
): (...[request, response]: Parameters<RequestListener>) => boolean {
  const answers: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
    "/api/health": (_request, response) => sendJson(response, 200, { status: "ok" }),
    "/api/ready": (_request, response) => {
      facts.ready().then(
        (ready) => sendJson(response, ready ? 200 : 503, { status: ready ? "ready" : "not ready" }),
        () => sendJson(response, 503, { status: "not ready" }),
      );
    },
    "/metrics": (request, response) => void sendMetrics(request, response, facts),
  };
  return (request, response) => {
    const answer = answers[request.url?.split("?", 1)[0] ?? ""];
    answer?.(request, response);
    return answer !== undefined;
  };
}

async function sendMetrics(
  request: IncomingMessage,
  response: ServerResponse,
  facts: HealthFacts,
): Promise<void> {
  if ((await facts.mayRead?.(request)) === false) {
    response.writeHead(401, { "www-authenticate": 'Basic realm="Viascope metrics"' }).end();
    return;
  }
  response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  response.end(metrics.text());
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
