import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { isLoopback } from "#lib/config/closed-doors.ts";
import type { Settings } from "#lib/config/settings.ts";
import type { Database } from "#lib/db/open.ts";
import { tokenHash } from "#lib/receive/access.ts";
import { tokenByHash } from "#lib/store/tokens.ts";

/** Says whether a token is a stored one for reading /metrics. */
type Knows = (token: string) => Promise<boolean>;

/**
 * Who may read /metrics: everyone while only this machine can ask, else whoever gives the password (any user name),
 * VIASCOPE_INGEST_TOKEN, or a token made for it.
 */
export function metricsReader(
  settings: Pick<Settings, "host" | "password" | "ingestToken">,
  knows: Knows,
): (request: IncomingMessage) => boolean | Promise<boolean> {
  if (isLoopback(settings.host)) return () => true;
  return ({ headers: { authorization = "" } }) => {
    const [scheme = "", credentials = ""] = authorization.split(" ", 2);
    if (scheme.toLowerCase() === "bearer")
      return same(credentials, settings.ingestToken) || knows(credentials);
    if (scheme.toLowerCase() !== "basic") return false;
    const pair = Buffer.from(credentials, "base64").toString();
    return same(pair.slice(pair.indexOf(":") + 1), settings.password);
  };
}

/** Looks tokens up in the database; where that does not answer, none is known. */
export function knownMetricsTokens(db: Database): Knows {
  return async (token) => {
    const stored = await tokenByHash(db, tokenHash(token)).catch(() => null);
    if (stored === null || stored.use !== "metrics" || stored.revokedAt !== null) return false;
    return stored.expiresAt === null || stored.expiresAt.getTime() > Date.now();
  };
}

function same(given: string, secret: string | null): boolean {
  return secret !== null && timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
