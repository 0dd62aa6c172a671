import type { Group, OwnState } from "#lib/core/measured.ts";
import type { StoredToken } from "#lib/store/tokens.ts";

/** A token that nobody used for longer needs no successor. */
const inUseMs = 7 * 86_400_000;

/** The groups that belong to no proxy: each token that is in use and will expire, and Viascope itself. */
export function ownGroups(
  tokens: readonly StoredToken[],
  state: OwnState | null,
  nowMs: number,
): Group[] {
  const expiring = tokens.flatMap(({ name, revokedAt, expiresAt, lastUsedAt }) => {
    if (revokedAt !== null || expiresAt === null || lastUsedAt === null) return [];
    const isInUse = nowMs - lastUsedAt.getTime() <= inUseMs;
    return isInUse ? [{ ...nothing, token: name, tokenExpiresMs: expiresAt.getTime() }] : [];
  });
  return state === null ? expiring : [...expiring, { ...nothing, own: state }];
}

const nothing: Group = {
  proxy: "",
  upstream: null,
  windows: new Map(),
  lastMs: null,
  unavailableInRow: null,
  clockOffMs: null,
  certificateEndsMs: null,
};
