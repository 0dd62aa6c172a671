import { Webhook } from "standardwebhooks";

/** A secret that signs; during a rotation the old one signs as well until its end. */
export interface SigningSecret {
  /** `whsec_` and base64. */
  readonly secret: string;
  /** null: until it is replaced. */
  readonly endsAtMs: number | null;
}

/** The headers of Standard Webhooks: one signature for each secret that is in force, the newest first. */
export function signatureHeaders(
  secrets: readonly SigningSecret[],
  id: string,
  nowMs: number,
  body: string,
): Record<string, string> {
  const time = new Date(nowMs);
  const signatures = secrets
    .filter(({ endsAtMs }) => endsAtMs === null || nowMs < endsAtMs)
    .map(({ secret }) => new Webhook(secret).sign(id, time, body));
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(nowMs / 1000)),
    "webhook-signature": signatures.join(" "),
  };
}

/** A new secret of 32 bytes. */
export function newSigningSecret(bytes: Uint8Array): string {
  return `whsec_${Buffer.from(bytes).toString("base64")}`;
}

/** The secrets after a rotation: the new one, and those before it until the overlap ends. */
export function rotated(
  secrets: readonly SigningSecret[],
  secret: string,
  nowMs: number,
  overlapMs: number,
): SigningSecret[] {
  const endsAtMs = nowMs + overlapMs;
  const before = secrets
    .filter((old) => old.endsAtMs === null || nowMs < old.endsAtMs)
    .map((old) => ({ ...old, endsAtMs: Math.min(old.endsAtMs ?? endsAtMs, endsAtMs) }))
    .filter((old) => old.endsAtMs > nowMs);
  return [{ secret, endsAtMs: null }, ...before];
}
