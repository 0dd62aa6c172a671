/** Certificate chain and private key of a listener, in PEM. */
export interface TlsKeys {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The first byte of a TLS connection; no HTTP request and no syslog message begins with it. */
const handshake = 0x16;

/** Whether the first bytes of a connection are a TLS handshake. */
export function isTlsHello(first: Buffer): boolean {
  return first[0] === handshake;
}
