import type { ChannelResponse, Verdict } from "./channel-kind.ts";
import { cutRunes } from "./cut.ts";
import { retryAfterMsOf } from "./retry.ts";

const reasonRunesMax = 300;
const retriedStatuses = new Set([408, 425, 429]);

/** Judges by the HTTP status alone: 2xx is done, 5xx, 408, 425 and 429 are tried again, 410 ends the channel, the rest is final. */
export function verdictOfStatus(response: ChannelResponse, nowMs: number): Verdict {
  const { status } = response;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  const said = saidBy(response);
  if (status >= 300 && status < 400) {
    return { kind: "rejected", reason: `answered ${status}, a redirect, which is never followed` };
  }
  if (status === 410) return { kind: "gone", reason: `answered 410: it wants no more messages` };
  if (status >= 500 || retriedStatuses.has(status)) {
    const retryAfterMs = retryAfterMsOf(response.headers["retry-after"], nowMs);
    return { kind: "retry", reason: `answered ${status}${said}`, retryAfterMs };
  }
  return { kind: "rejected", reason: `answered ${status}${said}` };
}

/** Judges by a number inside the JSON body, where HTTP says 200 whatever happens. */
export function verdictOfCode(
  response: ChannelResponse,
  nowMs: number,
  code: { readonly field: string; readonly retried: readonly number[] },
): Verdict {
  const byStatus = verdictOfStatus(response, nowMs);
  if (byStatus.kind !== "delivered") return byStatus;
  const value = fieldOf(jsonOf(response.body), code.field);
  if (value === 0) return { kind: "delivered" };
  if (typeof value !== "number") return unreadable(response);
  const reason = `answered ${code.field} ${value}${saidBy(response)}`;
  return code.retried.includes(value)
    ? { kind: "retry", reason, retryAfterMs: null }
    : { kind: "rejected", reason };
}

/** An answer of success without the body that would confirm it: nobody knows, so it is tried again. */
export function unreadable(response: ChannelResponse): Verdict {
  const reason = `answered ${response.status} with a body that does not say whether the message was taken${saidBy(response)}`;
  return { kind: "retry", reason, retryAfterMs: null };
}

/** A body as JSON; undefined when it is none. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A field of an object that nobody vouches for. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function saidBy({ body }: ChannelResponse): string {
  const text = body.replaceAll(/\s+/g, " ").trim();
  return text === "" ? "" : `: ${cutRunes(text, reasonRunesMax)}`;
}
