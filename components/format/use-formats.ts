"use client";

import { useLocale, useTimeZone } from "next-intl";
import { useMemo } from "react";

import { formatBytes } from "./bytes.ts";
import { formatDuration, formatStep } from "./duration.ts";
import {
  formatCount,
  formatExact,
  formatNumber,
  formatRate,
  formatRatio,
  formatRatioMark,
} from "./number.ts";
import { formatAbsolute, formatAgo, formatDate, formatMoment, formatTick } from "./time.ts";

export type Formats = ReturnType<typeof formatsFor>;

/** The formatters, bound to the reader's locale and time zone. */
export function useFormats(): Formats {
  const locale = useLocale();
  const timeZone = useTimeZone() ?? "UTC";
  return useMemo(() => formatsFor(locale, timeZone), [locale, timeZone]);
}

/** Binds every formatter to one place. */
export function formatsFor(locale: string, timeZone: string) {
  const place = { locale, timeZone };
  return {
    count: (value: number | null) => formatCount(value, locale),
    exact: (value: number | null) => formatExact(value, locale),
    number: (value: number | null) => formatNumber(value, locale),
    rate: (perSecond: number | null) => formatRate(perSecond, locale),
    ratio: (value: number | null) => formatRatio(value, locale),
    ratioMark: (value: number) => formatRatioMark(value, locale),
    bytes: (value: number | null) => formatBytes(value, locale),
    duration: (ms: number | null) => formatDuration(ms, locale),
    step: (seconds: number) => formatStep(seconds, locale),
    absolute: (timeMs: number) => formatAbsolute(timeMs, place),
    date: (timeMs: number) => formatDate(timeMs, place),
    moment: (timeMs: number, nowMs: number) => formatMoment(timeMs, nowMs, place),
    tick: (timeMs: number, stepMs: number) => formatTick(timeMs, stepMs, place),
    ago: (timeMs: number, nowMs: number) => formatAgo(timeMs, nowMs, locale),
  };
}
