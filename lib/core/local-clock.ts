import { zoneOffsetMs } from "./calendar.ts";

/** Turns what a clock on a wall showed, written as if it were UTC, into epoch microseconds. */
export type LocalClock = (wallUs: number) => number;

/** A clock that shows UTC. */
export const utcClock: LocalClock = (wallUs) => wallUs;

const dayMs = 86_400_000;
/** Clocks change at full quarters of an hour, so within one of them one answer holds. */
const quarterMs = 900_000;
const quartersMax = 10_000;
/** A record can't be later than it came, but for clocks that differ a little. */
const aheadUsMax = 300_000_000;

/**
 * The clock of an IANA zone. An hour that comes twice when clocks go back is read as the later one if the record had come
 * by then (`seenUs` says when it came), else as the first; an hour that is skipped is read as if clocks had not changed yet.
 */
export function localClock(zone: string, seenUs: () => number | null): LocalClock {
  const offsets = new Map<number, readonly number[]>();
  return (wallUs) => {
    const quarter = Math.floor(wallUs / 1000 / quarterMs);
    let found = offsets.get(quarter);
    if (found === undefined) {
      if (offsets.size >= quartersMax) offsets.clear();
      found = offsetsUs(quarter * quarterMs, zone);
      offsets.set(quarter, found);
    }
    const [first = 0, second] = found;
    if (second === undefined) return wallUs - first;
    const seen = seenUs();
    const later = wallUs - second;
    return seen !== null && later <= seen + aheadUsMax ? later : wallUs - first;
  };
}

/** What clocks in the zone are ahead of UTC when they show the time: two where they show it twice, the earlier first. */
function offsetsUs(wallMs: number, zone: string): number[] {
  const before = zoneOffsetMs(wallMs - dayMs, zone);
  const after = zoneOffsetMs(wallMs + dayMs, zone);
  const exact = [before, after].filter((offset) => zoneOffsetMs(wallMs - offset, zone) === offset);
  return (exact.length === 0 ? [before] : [...new Set(exact)]).map((offset) => offset * 1000);
}
