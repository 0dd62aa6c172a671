/** What a HAProxy line says, as it was written; `undefined` where the format has no such field. */
export interface HaproxyFields {
  client?: string | undefined;
  date?: string | undefined;
  backend?: string | undefined;
  server?: string | undefined;
  serverAddress?: string | undefined;
  serverPort?: string | undefined;
  queueTime?: string | undefined;
  connectTime?: string | undefined;
  responseTime?: string | undefined;
  totalTime?: string | undefined;
  status?: string | undefined;
  bytes?: string | undefined;
  /** Termination state, two or four letters. */
  state?: string | undefined;
  retries?: string | undefined;
  request?: string | undefined;
  method?: string | undefined;
  target?: string | undefined;
  /** HAProxy's number or text for why the server connection failed; OpenSSL's code beside it. */
  serverError?: string | undefined;
  serverErrorText?: string | undefined;
  serverTlsError?: string | undefined;
  clientErrorText?: string | undefined;
  clientTlsError?: string | undefined;
  clientCertificateError?: string | undefined;
  userAgent?: string | undefined;
  traceId?: string | undefined;
}
