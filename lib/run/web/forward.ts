import {
  Agent,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { Agent as TlsAgent, request as httpsRequest } from "node:https";
import { pipeline } from "node:stream";

const telemetryPath = /^\/(v1|ingest|loki)\//;

/** Headers that belong to one connection (RFC 9110 §7.6.1). */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Passes telemetry on to ingest as it streams in; `answer` says whether a request was telemetry. */
export function forwarder(ingestUrl: string): {
  answer(request: IncomingMessage, response: ServerResponse): boolean;
  close(): void;
} {
  const secure = ingestUrl.startsWith("https:");
  const agent = secure ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const send = secure ? httpsRequest : httpRequest;
  return {
    answer(request, response) {
      if (!telemetryPath.test(request.url ?? "")) return false;
      const onward = send(new URL(request.url ?? "", ingestUrl), {
        agent,
        method: request.method,
        headers: { ...endToEnd(request.headers), "x-forwarded-for": forwardedFor(request) },
      });
      pass(request, onward, response);
      return true;
    },
    close: () => agent.destroy(),
  };
}

function pass(
  request: IncomingMessage,
  onward: ReturnType<typeof httpRequest>,
  response: ServerResponse,
): void {
  onward.on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
    pipeline(answer, response, () => undefined);
  });
  onward.on("error", () => sendUnavailable(response));
  response.on("close", () => {
    if (!response.writableFinished) onward.destroy();
  });
  pipeline(request, onward, () => undefined);
}

/** Ingest lets senders on this machine in without a token: it must know for whom we speak. */
function forwardedFor({ headers, socket }: IncomingMessage): string {
  const before = headers["x-forwarded-for"];
  const chain = Array.isArray(before) ? before : [before];
  return [...chain, socket.remoteAddress ?? "unknown"].filter(Boolean).join(", ");
}

function endToEnd(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));
}

/** Every exporter tries again after 503, which is right while ingest restarts. */
function sendUnavailable(response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(503, { "content-type": "application/problem+json", "retry-after": "2" });
  response.end(
    JSON.stringify({
      type: "about:blank",
      title: "Ingest is not reachable",
      status: 503,
      detail: "Send it again in two seconds.",
    }),
  );
}
