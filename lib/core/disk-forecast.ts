/** One kind of data that comes in every day and is kept for some days. */
export interface DailyData {
  readonly keepDays: number;
  /** Bytes of the days that are over and still kept, the newest last; how old a day is in days, 1 is yesterday. */
  readonly days: readonly { readonly ageDays: number; readonly bytes: number }[];
}

/** When the disk will be full, at the growth of the last days. */
export type DiskForecast =
  | { readonly kind: "notEnoughHistory" }
  /** Retention takes away as much as comes in before the disk is full. */
  | { readonly kind: "holds"; readonly bytesPerDay: number }
  | { readonly kind: "full"; readonly days: number; readonly bytesPerDay: number };

const daysLookedAt = 7;
const daysNeeded = 2;

/** Nobody looks further ahead than this. */
export const daysAhead = 3_650;

/** Plays the coming days: each adds what the last days added, and takes away what retention has passed. */
export function diskForecast(data: readonly DailyData[], freeBytes: number): DiskForecast {
  const whole = new Set(data.flatMap(({ days }) => days.map(({ ageDays }) => ageDays)));
  if (whole.size < daysNeeded) return { kind: "notEnoughHistory" };
  const flows = data.map((one) => ({ ...one, daily: dailyBytes(one) }));
  const bytesPerDay = flows.reduce((sum, { daily }) => sum + daily, 0);
  let free = freeBytes;
  for (let day = 1; day <= daysAhead; day += 1) {
    const grown = flows.reduce((sum, flow) => sum + flow.daily - passedOn(day, flow), 0);
    if (grown >= free) return { kind: "full", days: day - 1 + free / grown, bytesPerDay };
    free -= grown;
  }
  return { kind: "holds", bytesPerDay };
}

/** The mean of the last days; the oldest day of all may have begun in its midst, and is left out where others are. */
function dailyBytes({ days }: DailyData): number {
  const recent = days.filter(({ ageDays }) => ageDays <= daysLookedAt);
  const oldest = Math.max(...days.map(({ ageDays }) => ageDays));
  const counted = recent.length > 1 ? recent.filter(({ ageDays }) => ageDays !== oldest) : recent;
  return counted.length === 0
    ? 0
    : counted.reduce((sum, { bytes }) => sum + bytes, 0) / counted.length;
}

/** Bytes that retention drops on a day to come. */
function passedOn(day: number, { keepDays, days, daily }: DailyData & { daily: number }): number {
  const age = keepDays + 1 - day;
  if (age < 1) return daily;
  return days.find(({ ageDays }) => ageDays === age)?.bytes ?? 0;
}
