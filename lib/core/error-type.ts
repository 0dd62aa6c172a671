/** Why an exchange or attempt got no proper answer: the error types of RFC 9209 §2.3. */
export const errorTypes = [
  "dns_timeout",
  "dns_error",
  "destination_not_found",
  "destination_unavailable",
  "destination_ip_prohibited",
  "destination_ip_unroutable",
  "connection_refused",
  "connection_terminated",
  "connection_timeout",
  "connection_read_timeout",
  "connection_write_timeout",
  "connection_limit_reached",
  "tls_protocol_error",
  "tls_certificate_error",
  "tls_alert_received",
  "http_request_error",
  "http_request_denied",
  "http_response_incomplete",
  "http_response_header_section_size",
  "http_response_body_size",
  "http_response_timeout",
  "http_upgrade_failed",
  "http_protocol_error",
  "proxy_internal_response",
  "proxy_internal_error",
  "proxy_configuration_error",
  "proxy_loop_detected",
] as const;

export type ErrorType = (typeof errorTypes)[number];

const known: ReadonlySet<string> = new Set(errorTypes);

/** Whether `word` is one of RFC 9209's error types, spelled as there. */
export function isErrorType(word: string): word is ErrorType {
  return known.has(word);
}
