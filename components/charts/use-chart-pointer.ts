"use client";

import { useState, type KeyboardEvent, type PointerEvent } from "react";

import { pointByKey } from "./point-by-key.ts";
import { bucketAt, type TimeChart } from "./prepare-time-chart.ts";

/** Where the reader points at in a chart, and what they have selected; both as numbers of buckets. */
interface Pointing {
  readonly index: number | null;
  /** Where a selection began; null while there is none. */
  readonly anchor: number | null;
}

const nowhere: Pointing = { index: null, anchor: null };

/** Follows pointer and keys over a chart: points at a bucket, selects a stretch, and zooms to it. */
export function useChartPointer(chart: TimeChart, onZoom: (fromMs: number, toMs: number) => void) {
  const [{ index, anchor }, setPointing] = useState<Pointing>(nowhere);
  const last = chart.bucketsMs.length - 1;
  const selection =
    index === null || anchor === null
      ? null
      : { from: Math.min(index, anchor), to: Math.max(index, anchor) };
  const zoom = () => {
    setPointing(nowhere);
    if (selection === null) return;
    const fromMs = chart.bucketsMs[selection.from];
    const toMs = chart.bucketsMs[selection.to];
    if (fromMs !== undefined && toMs !== undefined) onZoom(fromMs, toMs + chart.stepMs);
  };
  return {
    index,
    selection,
    handlers: {
      onPointerDown: (event: PointerEvent) => {
        if (event.button !== 0 || event.pointerType === "touch") return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const at = bucketUnder(event, chart, true);
        setPointing({ index: at, anchor: at });
      },
      onPointerMove: (event: PointerEvent) => {
        const at = bucketUnder(event, chart, anchor !== null);
        setPointing((before) => ({ ...before, index: at }));
      },
      onPointerUp: () => {
        if (selection !== null && selection.from !== selection.to) zoom();
        else setPointing((before) => ({ ...before, anchor: null }));
      },
      onPointerLeave: () => setPointing((before) => (before.anchor === null ? nowhere : before)),
      onPointerCancel: () => setPointing(nowhere),
      onBlur: () => setPointing(nowhere),
      onKeyDown: (event: KeyboardEvent) => {
        if (event.key === "Enter" && selection !== null) zoom();
        else if (event.key === "Escape") setPointing(nowhere);
        else {
          const next = pointByKey(event.key, index, last + 1);
          if (next === null) return;
          event.preventDefault();
          setPointing({ index: next, anchor: event.shiftKey ? (anchor ?? index ?? next) : null });
        }
      },
    },
  };
}

function bucketUnder(event: PointerEvent, chart: TimeChart, held: boolean): number | null {
  const box = event.currentTarget.getBoundingClientRect();
  const share = (event.clientX - box.left) / box.width;
  return bucketAt(chart, held ? Math.min(0.999_999, Math.max(0, share)) : share);
}
