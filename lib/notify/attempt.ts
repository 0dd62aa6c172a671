import type {
  ChannelRequest,
  ChannelResponse,
  Envelope,
  OpenChannel,
  Verdict,
} from "./channel-kind.ts";
import { cutRunes } from "./cut.ts";
import { redactor, shownUrl } from "./redact.ts";
import type { Send } from "./send-request.ts";

/** One request and its answer, without secrets, as the delivery log keeps them. */
export interface Exchange {
  readonly request: ShownRequest;
  readonly response: ShownResponse | null;
  /** Why there was no answer. */
  readonly problem: string | null;
  readonly latencyMs: number;
}

export interface ShownRequest {
  readonly method: string;
  readonly to: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ShownResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Attempt {
  readonly verdict: Verdict;
  readonly exchanges: readonly Exchange[];
}

const requestBodyRunesMax = 20_000;
const responseBodyRunesMax = 1_024;

/** Carries one message through a channel's whole conversation; everything it tells is free of the secrets. */
export async function attempt(
  channel: OpenChannel,
  envelope: Envelope,
  secrets: unknown,
  send: Send,
  clock: () => number = performance.now.bind(performance),
): Promise<Attempt> {
  const redactSecrets = redactor(secrets);
  // Zero bytes and halves of characters cannot be stored as JSON.
  const redact = (text: string) => redactSecrets(text).replaceAll("\0", "").toWellFormed();
  const exchanges: Exchange[] = [];
  const conversation = channel.converse(envelope);
  let step = conversation.next();
  while (step.done !== true) {
    const request = step.value;
    const begun = clock();
    const answer = await send(request);
    const latencyMs = Math.round(clock() - begun);
    const shown = shownRequest(request, redact);
    if (answer.kind !== "answered") {
      const problem = redact(answer.reason);
      exchanges.push({ request: shown, response: null, problem, latencyMs });
      return { verdict: verdictWithoutAnswer(answer.kind, problem), exchanges };
    }
    const response = shownResponse(answer.response, redact);
    exchanges.push({ request: shown, response, problem: null, latencyMs });
    step = conversation.next(answer.response);
  }
  return { verdict: redacted(step.value, redact), exchanges };
}

function verdictWithoutAnswer(kind: "blocked" | "lost", reason: string): Verdict {
  return kind === "blocked"
    ? { kind: "rejected", reason }
    : { kind: "retry", reason, retryAfterMs: null };
}

function redacted(verdict: Verdict, redact: (text: string) => string): Verdict {
  return verdict.kind === "delivered" ? verdict : { ...verdict, reason: redact(verdict.reason) };
}

const hiddenHeaders = new Set(["authorization", "set-cookie", "cookie"]);

function shownRequest(request: ChannelRequest, redact: (text: string) => string): ShownRequest {
  if (request.kind === "mail") {
    return {
      method: "SMTP",
      to: `${request.host}:${request.port}`,
      headers: { ...request.headers, to: request.to.join(", "), subject: redact(request.subject) },
      body: cutRunes(redact(request.text), requestBodyRunesMax),
    };
  }
  return {
    method: request.method,
    to: shownUrl(request.url),
    headers: shownHeaders(request.headers, redact),
    body: cutRunes(redact(request.body), requestBodyRunesMax),
  };
}

function shownResponse(
  { status, headers, body }: ChannelResponse,
  redact: (text: string) => string,
): ShownResponse {
  return {
    status,
    headers: shownHeaders(headers, redact),
    body: cutRunes(redact(body), responseBodyRunesMax),
  };
}

function shownHeaders(
  headers: Readonly<Record<string, string>>,
  redact: (text: string) => string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !hiddenHeaders.has(name))
      .map(([name, value]) => [name, redact(cutRunes(value, 500))]),
  );
}
