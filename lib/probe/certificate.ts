import { isIP, type LookupFunction } from "node:net";
import { connect, type TLSSocket } from "node:tls";

import type { CertificateTarget } from "#lib/core/certificate.ts";
import type { TlsReason } from "#lib/core/tls-reason.ts";
import { BlockedTarget, type ResolvedAddress, type TargetGuard } from "#lib/guard/target-guard.ts";

/** A certificate as a server showed it. */
export interface SeenCertificate {
  readonly beginsMs: number;
  readonly endsMs: number;
  readonly subject: string;
  readonly issuer: string;
  /** The names and addresses that it is valid for. */
  readonly names: readonly string[];
  /** SHA-256, in hexadecimal. */
  readonly fingerprint: string;
}

/** What one check found. */
export type CertificateReading =
  | {
      readonly kind: "read";
      readonly certificate: SeenCertificate;
      /** Why a client would refuse it; null when it would not. */
      readonly distrust: Trouble | null;
    }
  | { readonly kind: "failed"; readonly trouble: Trouble };

/** Something wrong, in words, and by the table of reasons where it is about TLS. */
export interface Trouble {
  readonly text: string;
  readonly reason: TlsReason | null;
}

export interface CertificateCheckOptions {
  readonly guard: TargetGuard;
  /** From the first look at the name until the handshake is done. */
  readonly timeoutMs: number;
  /** The one table of reasons: what words or codes of a failure mean. */
  readonly reasonOf: (text: string) => TlsReason | null;
}

/** Shakes hands with a server, reads its certificate and hangs up. Never throws. */
export async function checkCertificate(
  target: CertificateTarget,
  options: CertificateCheckOptions,
): Promise<CertificateReading> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  try {
    const addresses = await beforeDeadline(
      deadline,
      options.guard.admit({
        host: target.host,
        port: target.port,
        encrypted: true,
        openPorts: [443, 8443],
      }),
    );
    return await shakeHands(target, addresses, deadline, options);
  } catch (error) {
    return { kind: "failed", trouble: troubleOf(error, deadline.aborted, options) };
  }
}

function shakeHands(
  { host, port, serverName }: CertificateTarget,
  addresses: readonly ResolvedAddress[],
  deadline: AbortSignal,
  { reasonOf }: CertificateCheckOptions,
): Promise<CertificateReading> {
  const asked = serverName ?? (isIP(host) === 0 ? host : undefined);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      ...(asked !== undefined && { servername: asked }),
      // Also a certificate that nobody trusts is to be read; whether it is trusted is told beside it.
      rejectUnauthorized: false,
      ALPNProtocols: ["h2", "http/1.1"],
      // The address that was looked at is the one that is used.
      lookup: pinned(addresses),
    });
    const stop = () => socket.destroy(new Error("deadline"));
    if (deadline.aborted) stop();
    deadline.addEventListener("abort", stop);
    socket.once("close", () => deadline.removeEventListener("abort", stop));
    socket.on("error", reject);
    socket.once("secureConnect", () => {
      const certificate = seenIn(socket);
      const distrust = distrustIn(socket, reasonOf);
      socket.destroy();
      if (certificate === null) reject(new Error("it showed no certificate"));
      else resolve({ kind: "read", certificate, distrust });
    });
    socket.once("close", () => reject(new Error("it hung up during the handshake")));
  });
}

function pinned(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_host, options, done) => {
    const [first] = addresses;
    if (first === undefined) done(new Error("the name has no address"), "", 4);
    else if (options.all === true) done(null, [...addresses]);
    else done(null, first.address, first.family);
  };
}

const namesMax = 100;
const textMax = 500;

function seenIn(socket: TLSSocket): SeenCertificate | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return null;
  const names = certificate.subjectAltName?.split(", ") ?? [];
  return {
    beginsMs: certificate.validFromDate.getTime(),
    endsMs: certificate.validToDate.getTime(),
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: names
      .slice(0, namesMax)
      .map((name) => oneLine(name).replace(/^(?:DNS|IP Address):/, "")),
    fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}

/** Whoever made a certificate wrote what they liked. */
function oneLine(text: string | undefined): string {
  return (text ?? "").replaceAll("\0", "").replaceAll("\n", ", ").toWellFormed().slice(0, textMax);
}

function distrustIn(
  socket: TLSSocket,
  reasonOf: CertificateCheckOptions["reasonOf"],
): Trouble | null {
  if (socket.authorized) return null;
  const error: unknown = socket.authorizationError;
  const code = error instanceof Error ? codeOf(error) || error.message : String(error);
  return {
    text: distrusts[code] ?? code,
    reason: reasonOf(`certificate ${code}`) ?? "certificate_verify_failed",
  };
}

const distrusts: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "its chain ends in an authority that is not known here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its issuer is not known here",
  UNABLE_TO_GET_ISSUER_CERT: "the issuer of one of its authorities is not known here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server does not send the certificate of its issuer",
  ERR_TLS_CERT_ALTNAME_INVALID: "it is not for this name",
  CERT_REVOKED: "it was revoked",
};

const losses: Readonly<Record<string, string>> = {
  ECONNREFUSED: "it refused the connection",
  ECONNRESET: "it closed the connection during the handshake",
  EPIPE: "it closed the connection during the handshake",
  ENOTFOUND: "its name cannot be resolved",
  EAI_AGAIN: "its name cannot be resolved now",
  ETIMEDOUT: "it did not accept the connection in time",
  EHOSTUNREACH: "it cannot be reached from here",
  ENETUNREACH: "it cannot be reached from here",
};

function troubleOf(
  error: unknown,
  isLate: boolean,
  { timeoutMs, reasonOf }: CertificateCheckOptions,
): Trouble {
  if (error instanceof BlockedTarget) return { text: error.message, reason: null };
  if (isLate) {
    return {
      text: `it did not answer within ${Math.round(timeoutMs / 1000)} s`,
      reason: "timeout",
    };
  }
  if (!(error instanceof Error)) return { text: "it could not be reached", reason: null };
  const code = codeOf(error);
  const text = losses[code];
  if (text !== undefined) return { text, reason: code === "ECONNRESET" ? "reset" : null };
  const said = /SSL routines:[^:]*:(?<words>[^:]+)/.exec(error.message)?.groups?.["words"];
  return { text: said ?? error.message.slice(0, textMax), reason: reasonOf(error.message) };
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

function beforeDeadline<Value>(deadline: AbortSignal, work: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Error("deadline"));
    deadline.addEventListener("abort", stop);
    work.then(resolve, reject).finally(() => deadline.removeEventListener("abort", stop));
  });
}
