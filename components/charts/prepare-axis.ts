import type { Window } from "#lib/core/bucket.ts";

/** A mark on an axis: what it stands for, and where between 0 and 1. */
export interface Tick {
  readonly value: number;
  readonly at: number;
}

const tickWidthsMs = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
  172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000,
].map((seconds) => seconds * 1_000);

/** Marks of a value axis from 0 to a round number that is not below `max`, about so many stretches apart. */
export function valueTicks(max: number, stretches = 3): readonly Tick[] {
  const top = max > 0 ? max : 1;
  const width = roundWidth(top / stretches);
  const count = Math.ceil(top / width - 1e-9);
  return Array.from({ length: count + 1 }, (_, place) => ({
    value: place * width,
    at: place / count,
  }));
}

/** Marks of a time axis at round times of the reader's clock, at most `ticksMax`, with the width between them. */
export function timeTicks(
  window: Window,
  ticksMax: number,
  offsetMs: number,
): { readonly widthMs: number; readonly ticks: readonly Tick[] } {
  const spanMs = window.toMs - window.fromMs;
  const widthMs = tickWidthsMs.find((width) => spanMs / width <= ticksMax) ?? spanMs;
  const first = Math.ceil((window.fromMs + offsetMs) / widthMs) * widthMs - offsetMs;
  const ticks: Tick[] = [];
  for (let value = first; value < window.toMs; value += widthMs) {
    ticks.push({ value, at: (value - window.fromMs) / spanMs });
  }
  return { widthMs, ticks };
}

/** How far the reader's clock is ahead of UTC, in milliseconds, at a point in time. */
export function zoneOffsetMs(timeMs: number, timeZone: string): number {
  const name = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" })
    .formatToParts(timeMs)
    .find((part) => part.type === "timeZoneName")?.value;
  const parts = /GMT(?<sign>[+-])(?<hours>\d\d):(?<minutes>\d\d)/.exec(name ?? "")?.groups;
  if (parts === undefined) return 0;
  const minutes = Number(parts["hours"]) * 60 + Number(parts["minutes"]);
  return (parts["sign"] === "-" ? -minutes : minutes) * 60_000;
}

function roundWidth(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= rough - 1e-12) ?? 10) * power;
}
