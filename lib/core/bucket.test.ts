import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { alignedTo, segmentsOf, steps } from "./bucket.ts";

const dayMs = 86_400_000;
const start = Date.UTC(2026, 0, 1);
const anyWindow = fc
  .tuple(fc.integer({ min: 0, max: 400 * dayMs }), fc.integer({ min: 1, max: 400 * dayMs }))
  .map(([offset, length]) => ({ fromMs: start + offset, toMs: start + offset + length }));

describe("the segments of a window", () => {
  it("fill it without gap or overlap, with whole buckets", () => {
    fc.assert(
      fc.property(
        anyWindow,
        fc.constantFrom(...steps),
        fc.constantFrom(...steps),
        (window, a, b) => {
          const [finest, coarsest] = a <= b ? [a, b] : [b, a];
          const segments = segmentsOf(window, finest, coarsest);
          const whole = alignedTo(window, finest);
          let at = whole.fromMs;
          for (const { step, fromMs, toMs } of segments) {
            expect(fromMs).toBe(at);
            expect(fromMs % (step * 1000)).toBe(0);
            expect(toMs % (step * 1000)).toBe(0);
            expect(step).toBeGreaterThanOrEqual(finest);
            expect(step).toBeLessThanOrEqual(coarsest);
            at = toMs;
          }
          expect(at).toBe(whole.toMs);
        },
      ),
    );
  });

  it("need few buckets: at most those of two ragged ends, and days", () => {
    fc.assert(
      fc.property(anyWindow, (window) => {
        const buckets = segmentsOf(window).reduce(
          (sum, { step, fromMs, toMs }) => sum + (toMs - fromMs) / (step * 1000),
          0,
        );
        expect(buckets).toBeLessThanOrEqual(
          2 * (5 + 59 + 23) + (window.toMs - window.fromMs) / dayMs + 2,
        );
      }),
    );
  });

  it("is one bucket for a whole day", () => {
    expect(segmentsOf({ fromMs: start, toMs: start + dayMs })).toEqual([
      { step: 86_400, fromMs: start, toMs: start + dayMs },
    ]);
  });
});
