import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { isLoopback } from "#lib/config/closed-doors.ts";
import type { Settings } from "#lib/config/settings.ts";

/** Who may read /metrics: everyone while only this machine can ask, else whoever gives the password (any user name) or the ingest token. */
export function metricsReader(
  settings: Pick<Settings, "host" | "password" | "ingestToken">,
): (request: IncomingMessage) => boolean {
  if (isLoopback(settings.host)) return () => true;
  return ({ headers: { authorization = "" } }) => {
    const [scheme = "", credentials = ""] = authorization.split(" ", 2);
    if (scheme.toLowerCase() === "bearer") return same(credentials, settings.ingestToken);
    if (scheme.toLowerCase() !== "basic") return false;
    const pair = Buffer.from(credentials, "base64").toString();
    return same(pair.slice(pair.indexOf(":") + 1), settings.password);
  };
}

function same(given: string, secret: string | null): boolean {
  return secret !== null && timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
