import type { Window } from "./bucket.ts";

/** Periods of the calendar that an objective may cover. Weeks begin on Monday. */
export const calendarUnits = ["day", "week", "month", "quarter", "year"] as const;
export type CalendarUnit = (typeof calendarUnits)[number];

/** A date without a time. Months count from 0, and days may overflow, as in `Date.UTC`. */
interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const dayMs = 86_400_000;

/**
 * The calendar period that holds the time, in an IANA zone: from the first instant of its first local day to that of the next period.
 * A month in which clocks change is an hour longer or shorter than its days.
 */
export function calendarWindow(timeMs: number, unit: CalendarUnit, zone: string): Window {
  const first = firstDay[unit](localDate(timeMs, zone));
  return { fromMs: startOfDay(first, zone), toMs: startOfDay(nextFirstDay[unit](first), zone) };
}

/** The periods before the one that holds the time, newest first. */
export function previousWindows(
  timeMs: number,
  unit: CalendarUnit,
  zone: string,
  count: number,
): Window[] {
  const windows: Window[] = [];
  let { fromMs } = calendarWindow(timeMs, unit, zone);
  while (windows.length < count) {
    const window = calendarWindow(fromMs - 1, unit, zone);
    windows.push(window);
    fromMs = window.fromMs;
  }
  return windows;
}

/** Whether the platform knows the zone by this name. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** The first day of the period of a unit that holds a date. */
const firstDay: Record<CalendarUnit, (date: LocalDate) => LocalDate> = {
  day: (date) => date,
  week: ({ year, month, day }) => {
    const weekday = new Date(Date.UTC(year, month, day)).getUTCDay();
    return { year, month, day: day - ((weekday + 6) % 7) };
  },
  month: ({ year, month }) => ({ year, month, day: 1 }),
  quarter: ({ year, month }) => ({ year, month: month - (month % 3), day: 1 }),
  year: ({ year }) => ({ year, month: 0, day: 1 }),
};

/** The first day of the next period, from the first day of one. */
const nextFirstDay: Record<CalendarUnit, (first: LocalDate) => LocalDate> = {
  day: (first) => ({ ...first, day: first.day + 1 }),
  week: (first) => ({ ...first, day: first.day + 7 }),
  month: (first) => ({ ...first, month: first.month + 1 }),
  quarter: (first) => ({ ...first, month: first.month + 3 }),
  year: (first) => ({ ...first, year: first.year + 1 }),
};

/** The first instant of a local day: where midnight comes twice the first, where it is skipped the moment of the change. */
function startOfDay({ year, month, day }: LocalDate, zone: string): number {
  const wallMs = Date.UTC(year, month, day);
  const candidates = [wallMs - dayMs, wallMs + dayMs].map(
    (nearMs) => wallMs - zoneOffsetMs(nearMs, zone),
  );
  const exact = candidates.filter((timeMs) => timeMs + zoneOffsetMs(timeMs, zone) === wallMs);
  return exact.length > 0 ? Math.min(...exact) : Math.max(...candidates);
}

/** How far clocks in the zone are ahead of UTC at a time, in milliseconds. */
export function zoneOffsetMs(timeMs: number, zone: string): number {
  const wholeMs = Math.floor(timeMs / 1000) * 1000;
  return wallOf(wholeMs, zone) - wholeMs;
}

function localDate(timeMs: number, zone: string): LocalDate {
  const wall = new Date(wallOf(timeMs, zone));
  return { year: wall.getUTCFullYear(), month: wall.getUTCMonth(), day: wall.getUTCDate() };
}

/** What clocks in the zone show, as if it were UTC. */
function wallOf(timeMs: number, zone: string): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(timeMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(timeZone, format);
  return format;
}
