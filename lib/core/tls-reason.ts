/** Why a TLS handshake failed: the one table of reasons that every decoder maps into. */
export const tlsReasons = [
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
  "handshake_failure",
  "no_shared_cipher",
  "protocol_version",
  "wrong_version_number",
  "http_request",
  "unrecognized_name",
  "no_application_protocol",
  "decrypt_error",
  "bad_record_mac",
  "eof",
  "reset",
  "timeout",
  "other",
] as const;

export type TlsReason = (typeof tlsReasons)[number];
