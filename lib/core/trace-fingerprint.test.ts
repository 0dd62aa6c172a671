import fc from "fast-check";
import { expect, it } from "vitest";

import { fingerprintBits, fingerprintOfHash, traceFingerprint } from "./trace-fingerprint.ts";

it("is a whole number of its bits, and the same for signed and unsigned halves", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (hash) => {
      const [high, low] = [Number(hash >> 32n), Number(hash & 0xffff_ffffn)];
      const fingerprint = traceFingerprint(high, low);
      expect(Number.isInteger(fingerprint)).toBe(true);
      expect(fingerprint).toBeGreaterThanOrEqual(0);
      expect(fingerprint).toBeLessThan(2 ** fingerprintBits);
      expect(traceFingerprint(high | 0, low | 0)).toBe(fingerprint);
      expect(fingerprintOfHash(BigInt.asIntN(64, hash).toString())).toBe(fingerprint);
    }),
  );
});

it.each([
  ["count up", (place: number) => ({ high: 0, low: place })],
  ["differ in their first half only", (place: number) => ({ high: place, low: 7 })],
  ["end in zeros", (place: number) => ({ high: 0, low: place * 65_536 })],
])("spreads ids evenly that %s", (_, halvesAt) => {
  const buckets = new Uint32Array(256);
  const seen = new Set<number>();
  for (let place = 0; place < 65_536; place += 1) {
    const { high, low } = halvesAt(place);
    const fingerprint = traceFingerprint(high, low);
    const bucket = Math.floor(fingerprint / 2 ** (fingerprintBits - 8));
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    seen.add(fingerprint);
  }
  // 256 each is the mean, and 16 the deviation of chance.
  expect(Math.min(...buckets)).toBeGreaterThan(256 - 5 * 16);
  expect(Math.max(...buckets)).toBeLessThan(256 + 5 * 16);
  expect(seen.size).toBeGreaterThan(65_536 - 3);
});
