import { type LocalClock, utcClock } from "#lib/core/local-clock.ts";

import { epochTimeUs, isoTimeUs } from "./time.ts";

/** What a `logformat` writes of the time at which a request ended. */
export const squidTimeParts = ["Y", "y", "m", "b", "d", "H", "M", "S", "z", "s"] as const;
export type SquidTimePart = (typeof squidTimeParts)[number];

/** A part of a time in an expanded format: `%@1H` of local time, `%@2H` of GMT, `%@0H` of a time that is not asked for. */
export const timePartCode = String.raw`%@(?<clock>[012])(?<part>[A-Za-z])`;

/**
 * The format with the parts of its times in place of `%tl` and `%tg`, so that each is found where it stands; only the
 * first time is asked for. A sentence where a time is written in a way that is not read.
 */
export function withTimeParts(format: string): { readonly format: string } | string {
  let refusal: string | null = null;
  let isFirst = true;
  const expanded = format.replaceAll(timeCode, (...match) => {
    const { before, name, behind } = groupsOf(match);
    const written = before ?? behind ?? usualTime;
    const clock = isFirst ? (name === "tg" ? "2" : "1") : "0";
    isFirst = false;
    const long = written.replaceAll(/%[TFDRhe]/g, (short) => spelledOut[short] ?? short);
    const unknown = [...long.matchAll(/%(.)/g)].find(([, part = ""]) => !isRead(part));
    if (unknown !== undefined) refusal ??= notRead(unknown[0]);
    return long.replaceAll(/%(.)/g, (_, part: string) =>
      part === "%" ? "%" : `%@${clock}${part}`,
    );
  });
  return refusal ?? { format: expanded };
}

/** When the parts say that the request ended, in epoch microseconds; null where they do not say it whole. */
export function squidTimeUs(
  parts: ReadonlyMap<SquidTimePart, string>,
  subsecond: string | undefined,
  clock: LocalClock,
): number | null {
  const fraction = `.${(subsecond ?? "0").trim().padStart(3, "0")}`;
  const epoch = parts.get("s");
  if (epoch !== undefined) return epochTimeUs(`${epoch}${fraction}`);
  const two = (part: SquidTimePart) => (parts.get(part) ?? "").trim().padStart(2, "0");
  const year = parts.get("Y") ?? `20${parts.get("y") ?? ""}`;
  const month = parts.has("b") ? monthOf(parts.get("b") ?? "") : two("m");
  const time = `${two("H")}:${two("M")}:${two("S")}`;
  return isoTimeUs(`${year}-${month}-${two("d")}T${time}${fraction}${parts.get("z") ?? ""}`, clock);
}

/** The clock of the first time in an expanded format. */
export function squidClock(format: string, clock: LocalClock): LocalClock {
  return format.includes("%@2") ? utcClock : clock;
}

/** `%tl`, `%{%Y-%m-%d}tl`, `%tl{%Y-%m-%d}`, and the same of `tg`. */
const timeCode =
  /%[-"'[#/\\]?\d*(?:\.\d+)?(?:\{(?<before>[^}]*)\})?(?<name>t[lg])(?![A-Za-z_])(?:\{(?<behind>[^}]*)\})?/g;
const usualTime = "%d/%b/%Y:%H:%M:%S %z";
const spelledOut: Readonly<Record<string, string>> = {
  "%T": "%H:%M:%S",
  "%F": "%Y-%m-%d",
  "%D": "%m/%d/%y",
  "%R": "%H:%M",
  "%h": "%b",
  "%e": "%d",
};
/** Those that say nothing more of the time. */
const passedOver = ["a", "A", "Z", "j", "%"];

interface TimeCode {
  readonly before?: string | undefined;
  readonly name?: string | undefined;
  readonly behind?: string | undefined;
}

function groupsOf(match: readonly unknown[]): TimeCode {
  const groups: TimeCode | undefined = match.findLast(
    (one): one is TimeCode => typeof one === "object" && one !== null,
  );
  return groups ?? {};
}

function isRead(part: string): boolean {
  return passedOver.includes(part) || squidTimeParts.some((one) => one === part);
}

function notRead(part: string): string {
  return `The log format writes its time with ${part}, which is not read: write it with %Y, %m or %b, %d, %H, %M, %S and %z.`;
}

function monthOf(name: string): string {
  const at = "JanFebMarAprMayJunJulAugSepOctNovDec".indexOf(name.slice(0, 3));
  return at < 0 || name.length < 3 ? "" : String(at / 3 + 1).padStart(2, "0");
}
