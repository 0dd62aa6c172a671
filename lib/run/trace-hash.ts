/** The last 8 bytes of a trace id (32 hex digits) as Postgres' signed bigint in decimal, by which traces are found. */
export function hashOfTraceId(traceId: string): string {
  return BigInt.asIntN(64, BigInt(`0x${traceId.slice(16)}`)).toString();
}

/** The bytes that such a hash stands for. */
export function bytesOfHash(hash: string): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(hash));
  return bytes;
}
