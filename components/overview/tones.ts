import {
  degradedFrom,
  failingErrorsMin,
  failingFrom,
  isSlow,
  provenErrorRate,
} from "./prepare-state.ts";

/** How an error rate is set: bad and warn by the same limits as the state it leads to. */
export function errorTone(errors: number, total: number): "plain" | "warn" | "bad" {
  const rate = provenErrorRate(errors, total);
  if (rate >= failingFrom && errors >= failingErrorsMin) return "bad";
  return rate >= degradedFrom ? "warn" : "plain";
}

/** How a P95 is set: as the state it leads to. */
export function latencyTone(judged: Parameters<typeof isSlow>[0]): "plain" | "warn" {
  return isSlow(judged) ? "warn" : "plain";
}

/** A trend of error rates ends at 5 % at least, so that a few failed requests do not look like an outage. */
export const errorRateScaleMin = 0.05;
