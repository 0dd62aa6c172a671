import { randomBytes, randomUUID } from "node:crypto";

import type { z } from "zod";

import { readSettings } from "#lib/config/settings.ts";
import type { tokenChange, TokenItem, TokenMade, TokensAnswer } from "#lib/contract/tokens.ts";
import type { Database } from "#lib/db/open.ts";
import { tokenHash, type TokenUse } from "#lib/receive/access.ts";
import { insertToken, listTokens, revokeToken, type StoredToken } from "#lib/store/tokens.ts";

import { CommandRefused } from "./command-refused.ts";

/** All ingest processes hold all tokens. */
const tokensMax = 1_000;
/** Tells secret scanners, and people, what it is. */
const prefixes: Record<TokenUse, string> = { ingest: "viascope_in_", metrics: "viascope_me_" };
const hintLength = 16;

/** Every token of a project, without the tokens themselves. */
export async function readTokens(
  db: Database,
  project: number,
  nowMs: number,
): Promise<TokensAnswer> {
  const stored = await listTokens(db, project);
  return {
    items: stored.map((token) => tokenItemOf(token, nowMs)),
    localNeedsToken: readSettings().ingestToken !== null,
  };
}

/** Makes a token: 256 random bits, of which only the hash is kept. */
export async function makeToken(
  db: Database,
  project: number,
  change: z.output<typeof tokenChange>,
  nowMs: number,
): Promise<TokenMade> {
  const expiresAt = change.expiresAt === null ? null : new Date(change.expiresAt);
  if (expiresAt !== null && expiresAt.getTime() <= nowMs)
    throw new CommandRefused(400, "`expiresAt` must lie in the future.");
  if ((await listTokens(db, project)).length >= tokensMax)
    throw new CommandRefused(
      409,
      `There are ${tokensMax} tokens; revoked ones are forgotten after 30 days.`,
    );
  const token = `${prefixes[change.use]}${randomBytes(32).toString("base64url")}`;
  const stored = await insertToken(db, project, {
    ...change,
    id: randomUUID(),
    hash: tokenHash(token),
    hint: token.slice(0, hintLength),
    expiresAt,
  });
  if (stored === null)
    throw new CommandRefused(409, `There is a token called ${change.name} already.`);
  return { item: tokenItemOf(stored, nowMs), token };
}

/** Ends a token: within a second or two no ingest process takes it any more. */
export async function endToken(
  db: Database,
  project: number,
  id: string,
  nowMs: number,
): Promise<TokenItem> {
  const stored = await revokeToken(db, project, id, nowMs);
  if (stored === null) throw new CommandRefused(404, "There is no such token.");
  return tokenItemOf(stored, nowMs);
}

function tokenItemOf(stored: StoredToken, nowMs: number): TokenItem {
  return {
    id: stored.id,
    name: stored.name,
    use: stored.use === "metrics" ? "metrics" : "ingest",
    hint: stored.hint,
    state: stateOf(stored, nowMs),
    recordsPerSecond: stored.recordsPerSecond,
    bytesPerSecond: stored.bytesPerSecond,
    expiresAt: stored.expiresAt?.toISOString() ?? null,
    revokedAt: stored.revokedAt?.toISOString() ?? null,
    lastUsedAt: stored.lastUsedAt?.toISOString() ?? null,
    createdAt: stored.createdAt.toISOString(),
  };
}

function stateOf({ revokedAt, expiresAt }: StoredToken, nowMs: number): TokenItem["state"] {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && expiresAt.getTime() <= nowMs ? "expired" : "inUse";
}
