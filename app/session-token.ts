import { createHmac, randomBytes, scryptSync, timingSafeEqual } from "node:crypto";

/** The cookie that holds a session. */
export const sessionCookie = "viascope-session";
export const sessionSecondsMax = 7 * 86_400;

/**
 * The key that sessions are signed with. It comes from the password alone, so that every web process agrees
 * and a new password ends every session; it is slow to make, so that a stolen cookie does not give the password away.
 */
export function sessionKeyOf(password: string): Buffer {
  return scryptSync(password, "viascope session v1", 32, { N: 32_768, maxmem: 64 * 1024 * 1024 });
}

/** A new session, valid from now for a week. */
export function newSession(key: Buffer, nowMs: number): string {
  const body = `v1.${Math.floor(nowMs / 1_000) + sessionSecondsMax}.${randomBytes(16).toString("base64url")}`;
  return `${body}.${signatureOf(key, body)}`;
}

/** Whether a cookie's value is a session that this key signed and that has not ended. */
export function sessionHolds(key: Buffer, value: string | undefined, nowMs: number): boolean {
  const parts = /^(?<body>v1\.(?<until>\d{1,12})\.[\w-]{22})\.(?<signature>[\w-]{43})$/.exec(
    value ?? "",
  )?.groups;
  const { body, until, signature } = parts ?? {};
  if (body === undefined || signature === undefined) return false;
  return sameText(signatureOf(key, body), signature) && Number(until) * 1_000 > nowMs;
}

/** Whether two texts are the same, in a time that does not tell where they differ. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHmac("sha256", "compare").update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}

function signatureOf(key: Buffer, body: string): string {
  return createHmac("sha256", key).update(body).digest("base64url");
}
