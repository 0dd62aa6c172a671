const cache = new Map<string, Intl.DateTimeFormat>();

/** Where and when the reader is: locale as BCP 47, IANA time zone. */
export interface Place {
  readonly locale: string;
  readonly timeZone: string;
}

/** A point in time to the second, with its day and zone: for titles, where nothing may be left to guess. */
export function formatAbsolute(timeMs: number, place: Place): string {
  return dateFormat(place, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  }).format(timeMs);
}

/** A day with its year, for what lies months away. */
export function formatDate(timeMs: number, place: Place): string {
  return dateFormat(place, { year: "numeric", month: "short", day: "numeric" }).format(timeMs);
}

/** A point in time as a list shows it: time of day, with the day in front when it is not the reader's today. */
export function formatMoment(timeMs: number, nowMs: number, place: Place): string {
  const today = formatDay(timeMs, place) === formatDay(nowMs, place);
  return today
    ? formatClock(timeMs, place)
    : `${formatDay(timeMs, place)} ${formatClock(timeMs, place)}`;
}

/** The label of a mark on a time axis whose marks are `stepMs` apart. */
export function formatTick(timeMs: number, stepMs: number, place: Place): string {
  if (stepMs >= 86_400_000) return formatDay(timeMs, place);
  const clock: Intl.DateTimeFormatOptions = {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...(stepMs < 60_000 ? { second: "2-digit" } : {}),
  };
  const time = dateFormat(place, clock).format(timeMs);
  return stepMs >= 6 * 3_600_000 ? `${formatDay(timeMs, place)} ${time}` : time;
}

/** How long ago, in one unit of the locale's own words: `12 seconds ago`. */
export function formatAgo(timeMs: number, nowMs: number, locale: string): string {
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "always", style: "short" });
  const seconds = Math.max(0, Math.round((nowMs - timeMs) / 1_000));
  if (seconds < 60) return words.format(-seconds, "second");
  if (seconds < 3_600) return words.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 172_800) return words.format(-Math.floor(seconds / 3_600), "hour");
  return words.format(-Math.floor(seconds / 86_400), "day");
}

function formatDay(timeMs: number, place: Place): string {
  return dateFormat(place, { month: "short", day: "numeric" }).format(timeMs);
}

function formatClock(timeMs: number, place: Place): string {
  return dateFormat(place, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).format(timeMs);
}

function dateFormat(place: Place, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${place.locale}\n${place.timeZone}\n${JSON.stringify(options)}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(place.locale, { ...options, timeZone: place.timeZone });
  cache.set(key, made);
  return made;
}
