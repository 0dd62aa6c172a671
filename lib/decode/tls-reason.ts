import type { ErrorType } from "#lib/core/error-type.ts";
import type { TlsReason } from "#lib/core/tls-reason.ts";

/**
 * The reason that a proxy's words or codes give for a failed TLS handshake:
 * OpenSSL 1.1 and 3 error codes, X509 verify codes and names, BoringSSL and Go texts, TLS alerts.
 * `other` when the text speaks of TLS in words not known; null when it does not speak of TLS.
 */
export function tlsReasonOf(whole: string): TlsReason | null {
  const text = whole.slice(0, wordsLengthMax);
  return (
    verifyCodeReason(text) ??
    wordReason(text) ??
    openSslReason(text) ??
    (speaksOfTls.test(text) ? "other" : null)
  );
}

/** Longer than what any proxy writes about one failure; some of these looks take time by the square of the length. */
const wordsLengthMax = 4_096;

/** The reason of an OpenSSL error code given in hexadecimal, of any length and version; null for 0. */
export function openSslCodeReason(hex: string): TlsReason | null {
  const code = Number.parseInt(hex.slice(-8), 16);
  if (Number.isNaN(code) || code === 0) return null;
  const isVersion3 = code >>> 23 === sslLibrary;
  const reason = isVersion3 ? code & 0x7fffff : code & 0xfff;
  return reason >= 1000 ? alertReason(reason - 1000) : (openSslReasons[reason] ?? "other");
}

/** The reason of an X509 verify code; null for 0, which is no failure. */
export function x509CodeReason(code: number): TlsReason | null {
  return code === 0 ? null : (x509Reasons[code] ?? "certificate_verify_failed");
}

/** The reason of a TLS alert by its IANA number. */
export function alertReason(alert: number): TlsReason {
  return alertReasons[alert] ?? "other";
}

/** The error type of RFC 9209 that a failed handshake with an upstream counts as. */
export function tlsErrorTypeOf(reason: TlsReason): ErrorType {
  return certificateReasons.has(reason) ? "tls_certificate_error" : "tls_protocol_error";
}

const certificateReasons: ReadonlySet<TlsReason> = new Set<TlsReason>([
  "certificate_expired",
  "certificate_not_yet_valid",
  "self_signed",
  "unknown_ca",
  "host_mismatch",
  "certificate_revoked",
  "certificate_verify_failed",
  "certificate_required",
  "bad_certificate",
  "certificate_unknown",
]);

const sslLibrary = 20;

const openSslReasons: Readonly<Record<number, TlsReason>> = {
  0x086: "certificate_verify_failed",
  0x09c: "http_request",
  0x0c1: "no_shared_cipher",
  0x0c7: "certificate_required",
  0x0eb: "no_application_protocol",
  0x102: "protocol_version",
  0x10a: "protocol_version",
  0x10b: "wrong_version_number",
  0x119: "bad_record_mac",
  0x126: "eof",
};

const x509Reasons: Readonly<Record<number, TlsReason>> = {
  2: "unknown_ca",
  9: "certificate_not_yet_valid",
  10: "certificate_expired",
  18: "self_signed",
  19: "self_signed",
  20: "unknown_ca",
  21: "unknown_ca",
  23: "certificate_revoked",
  62: "host_mismatch",
  63: "host_mismatch",
  64: "host_mismatch",
};

const alertReasons: Readonly<Record<number, TlsReason>> = {
  20: "bad_record_mac",
  40: "handshake_failure",
  42: "bad_certificate",
  44: "certificate_revoked",
  45: "certificate_expired",
  46: "certificate_unknown",
  48: "unknown_ca",
  51: "decrypt_error",
  70: "protocol_version",
  112: "unrecognized_name",
  116: "certificate_required",
  120: "no_application_protocol",
};

/** Words in the order they are asked: what says most stands first. */
const words: readonly (readonly [RegExp, TlsReason])[] = [
  [/not yet valid: current time \S+ is before|CERT_NOT_YET_VALID/i, "certificate_not_yet_valid"],
  [
    /has expired|is expired|CERTIFICATE_EXPIRED|CERT_HAS_EXPIRED|expired certificate/i,
    "certificate_expired",
  ],
  [/not yet valid/i, "certificate_not_yet_valid"],
  [/self[- _]signed/i, "self_signed"],
  [
    /does not match|doesn't match|DOMAIN_MISMATCH|HOSTNAME_MISMATCH|ALTNAME_INVALID|hostname mismatch|is valid for .+, not |not valid for any names|doesn't contain any IP SANs|different from/i,
    "host_mismatch",
  ],
  [/revoked/i, "certificate_revoked"],
  [
    /unknown[ _](certificate authority|ca\b)|unknown authority|unable to (get (local )?issuer|verify the first) cert|UNABLE_TO_(GET_ISSUER|VERIFY)|PKIX path building failed|CA chain cannot be verified/i,
    "unknown_ca",
  ],
  [
    /did[ _]not[ _]return[ _]a[ _]certificate|no required SSL certificate|didn't provide a certificate|certificate[ _]required/i,
    "certificate_required",
  ],
  [/bad[ _]certificate/i, "bad_certificate"],
  [/(?<!self-)certificate[ _]unknown|unknown certificate(?! authority)/i, "certificate_unknown"],
  [/no[ _]shared[ _]cipher|no[ _]cipher[ _]suite/i, "no_shared_cipher"],
  [
    /unsupported[ _](ssl[ _])?protocol|protocol[ _]version|unsupported versions|no protocols available|UNSUPPORTED_VERSION_PACKET/i,
    "protocol_version",
  ],
  [
    /wrong[ _]version[ _]number|does not look like a TLS handshake|plaintext connection|GNUTLS_E_UNEXPECTED_PACKET\b/i,
    "wrong_version_number",
  ],
  [
    /(plain )?HTTP[ _]request(?! line)( to HTTPS port| to an HTTPS server)?\b.*|SSL routines:.*:http request/i,
    "http_request",
  ],
  [/unrecognized[ _]name|handshake rejected/i, "unrecognized_name"],
  [/no[ _]application[ _]protocol/i, "no_application_protocol"],
  [/decrypt[ _]error/i, "decrypt_error"],
  [/bad[ _]record[ _]mac|decryption[ _]failed\b/i, "bad_record_mac"],
  [/handshake[ _]failure(?! \()|SSL alert number 40/i, "handshake_failure"],
  [
    /certificate[ _]verify[ _]failed|failed to verify certificate|certificate not trusted|certificate verify error/i,
    "certificate_verify_failed",
  ],
  [/timed out|timeout/i, "timeout"],
  [/reset by peer|connection reset|\(104\b|errno 104/i, "reset"],
  [
    /closed connection|connection closed|unexpected eof|\bEOF\b|TLS_IO_ERR=5|PREMATURE_TERMINATION/i,
    "eof",
  ],
];

const speaksOfTls = /\b(?:ssl|tls|x509|certificate)|handshak|https port/i;

/** `(10:certificate has expired)`, `Error (10): ...`. */
function verifyCodeReason(text: string): TlsReason | null {
  const code = /certificate verif[a-z]*(?: error)?:? ?(?:Error )?\((\d+)[:)]/i.exec(text)?.[1];
  return code === undefined ? null : x509CodeReason(Number(code));
}

function openSslReason(text: string): TlsReason | null {
  const hex = /(?:error:|TLS_LIB_ERR=|fc_err=|bc_err=)([0-9A-F]{7,16})\b/i.exec(text)?.[1];
  return hex === undefined ? null : openSslCodeReason(hex);
}

function wordReason(text: string): TlsReason | null {
  if (!speaksOfTls.test(text)) return null;
  return words.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}
