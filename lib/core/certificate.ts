/** A TLS server whose certificate is looked at. */
export interface CertificateTarget {
  /** The target as text, always with its port: what tells it from others. */
  readonly name: string;
  /** A host name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** The name asked for in the handshake, where it is not the host. */
  readonly serverName: string | null;
}

/** Who asked for a target to be checked. */
export const certificateOrigins = ["setting", "page", "traffic"] as const;
export type CertificateOrigin = (typeof certificateOrigins)[number];

/** How a certificate stands, in the order of attention. */
export const certificateStates = [
  "expired",
  "soon",
  "invalid",
  "failed",
  "pending",
  "valid",
] as const;
export type CertificateState = (typeof certificateStates)[number];

/** From when on a certificate counts as ending soon. */
const certificateSoonMs = 14 * 86_400_000;

const shape =
  /^(?:(?<serverName>[a-z\d_](?:[a-z\d_.-]*[a-z\d])?)@)?(?<host>\[[\da-f:.]+\]|[a-z\d_](?:[a-z\d_.-]*[a-z\d])?)(?::(?<port>\d{1,5}))?$/;

/** Reads `host`, `host:port`, `[address]:port` or `name@host:port`; null when it is none of them. */
export function certificateTargetOf(text: string): CertificateTarget | null {
  const written = text.trim().toLowerCase();
  const groups = written.length > 300 ? undefined : shape.exec(written)?.groups;
  if (groups?.["host"] === undefined) return null;
  const port = Number(groups["port"] ?? 443);
  if (port < 1 || port > 65_535) return null;
  const serverName = groups["serverName"] ?? null;
  const name = `${serverName === null ? "" : `${serverName}@`}${groups["host"]}:${port}`;
  return { name, host: groups["host"].replaceAll(/[[\]]/g, ""), port, serverName };
}

const publicHost =
  /^(?:https:\/\/)?(?<host>(?:[a-z\d_-]+\.)+[a-z][a-z\d-]*[a-z])(?<port>:443|:8443)?\/?$/i;

/** The target behind the name of an upstream that is a host asked over TLS; null for other names. */
export function targetOfUpstream(upstream: string): string | null {
  const groups = publicHost.exec(upstream)?.groups;
  const target = groups && certificateTargetOf(`${groups["host"]}${groups["port"] ?? ""}`);
  return target?.name ?? null;
}

/** What the last check found. */
export interface CertificateFacts {
  /** Null before the first check. */
  readonly checkedAtMs: number | null;
  /** Why the last check read no certificate. */
  readonly problem: string | null;
  /** Why the certificate is not trusted. */
  readonly distrust: string | null;
  readonly endsMs: number | null;
}

/** How a certificate stands at a time; its end counts before whatever else is wrong with it. */
export function certificateState(facts: CertificateFacts, nowMs: number): CertificateState {
  const { checkedAtMs, problem, distrust, endsMs } = facts;
  if (checkedAtMs === null) return "pending";
  if (problem !== null || endsMs === null) return "failed";
  if (endsMs <= nowMs) return "expired";
  if (endsMs - nowMs < certificateSoonMs) return "soon";
  return distrust === null ? "valid" : "invalid";
}
