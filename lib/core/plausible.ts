const durationUsMax = 31 * 86_400_000_000;
const bytesMax = 2 ** 50;

/** A status that HTTP could have; null for any other number, which nobody measured. */
export function plausibleStatus(status: number | null): number | null {
  return status !== null && Number.isInteger(status) && status >= 1 && status <= 999
    ? status
    : null;
}

/** Microseconds, up to a month; null for what no request takes, as it would spoil every sum it is added to. */
export function plausibleDurationUs(durationUs: number | null): number | null {
  return durationUs !== null && durationUs >= 0 && durationUs <= durationUsMax ? durationUs : null;
}

/** Bytes of one answer, up to a pebibyte; null for more, for the same reason. */
export function plausibleBytes(bytes: number | null): number | null {
  return bytes !== null && bytes >= 0 && bytes <= bytesMax ? bytes : null;
}
