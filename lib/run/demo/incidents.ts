/** What goes wrong while an incident lasts. */
export type Effect =
  /** This share of an upstream's answers is a 503. */
  | { readonly kind: "failing"; readonly upstream: string; readonly share: number }
  | { readonly kind: "expired-certificate"; readonly upstream: string }
  /** Cache hits are this many times as likely as else. */
  | { readonly kind: "cold-cache"; readonly hitFactor: number }
  /** An upstream takes this many times as long as else. */
  | { readonly kind: "slow"; readonly upstream: string; readonly factor: number };

export interface Incident {
  /** What an operator would say of it. */
  readonly sentence: string;
  /** Seconds from the start of each cycle. */
  readonly startsAt: number;
  readonly lasts: number;
  readonly effect: Effect;
}

/** The incidents come again after this many seconds. */
export const cycleSeconds = 1_200;

/** What goes wrong when, counted from the start of the demo. */
export const incidents: readonly Incident[] = [
  {
    sentence:
      "mirror-a.example answers 503 to nearly all requests, which fall back to mirror-b.example",
    startsAt: 10,
    lasts: 180,
    effect: { kind: "failing", upstream: "mirror-a.example", share: 0.97 },
  },
  {
    sentence: "the certificate of git.corp.example has expired, so private modules fail",
    startsAt: 330,
    lasts: 180,
    effect: { kind: "expired-certificate", upstream: "git.corp.example" },
  },
  {
    sentence: "athens lost most of its cache, and asks its upstreams again",
    startsAt: 630,
    lasts: 180,
    effect: { kind: "cold-cache", hitFactor: 0.25 },
  },
  {
    sentence: "mirror-b.example takes twelve times as long as usual, and times out now and then",
    startsAt: 930,
    lasts: 180,
    effect: { kind: "slow", upstream: "mirror-b.example", factor: 12 },
  },
];

/** The effects at so many seconds after the start of the demo; before the start it was the same every cycle. */
export function effectsAt(offsetSeconds: number, secondsMax = Infinity): Effect[] {
  const inCycle = ((offsetSeconds % cycleSeconds) + cycleSeconds) % cycleSeconds;
  return incidents
    .filter(
      ({ startsAt, lasts }) =>
        inCycle >= startsAt && inCycle < startsAt + Math.min(lasts, secondsMax),
    )
    .map(({ effect }) => effect);
}
