"use client";

import { useMemo, useState, type KeyboardEvent } from "react";

import { ancestorsOf, nextError, unfoldedRows, type Waterfall } from "./prepare-waterfall.ts";

interface UseWaterfall {
  readonly waterfall: Waterfall;
  /** The id of the span whose details are shown. */
  readonly chosen: string | null;
  readonly choose: (spanId: string) => void;
  /** Brings a shown row into view. */
  readonly reveal: (place: number) => void;
}

/** Which spans are folded, which row is active, and what the keys do. */
export function useWaterfall({ waterfall, chosen, choose, reveal }: UseWaterfall) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState<string | null>(chosen);
  const rows = useMemo(() => unfoldedRows(waterfall.rows, folded), [waterfall, folded]);
  const place = rows.findIndex((row) => row.span.spanId === active);
  const activate = (next: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, next))];
    if (row === undefined) return;
    setActive(row.span.spanId);
    reveal(rows.indexOf(row));
  };
  const fold = (spanId: string, close: boolean) =>
    setFolded((before) => {
      const after = new Set(before);
      if (close) after.add(spanId);
      else after.delete(spanId);
      return after;
    });
  const toNextError = () => {
    const from = waterfall.rows.findIndex((row) => row.span.spanId === active);
    const target = nextError(waterfall.rows, from);
    const row = target === null ? undefined : waterfall.rows[target];
    if (target === null || row === undefined) return;
    const open = new Set(ancestorsOf(waterfall.rows, target));
    const after = new Set([...folded].filter((spanId) => !open.has(spanId)));
    setFolded(after);
    setActive(row.span.spanId);
    choose(row.span.spanId);
    reveal(unfoldedRows(waterfall.rows, after).indexOf(row));
  };
  const sideways = (close: boolean) => {
    const row = rows[place];
    if (row === undefined) return;
    const isFolded = folded.has(row.span.spanId);
    if (close && (isFolded || row.descendants === 0)) {
      activate(rows.findLastIndex((above, at) => at < place && above.depth < row.depth));
    } else if (!close && !isFolded) activate(place + 1);
    else fold(row.span.spanId, close);
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => activate(place + 1),
    ArrowUp: () => activate(place - 1),
    ArrowRight: () => sideways(false),
    ArrowLeft: () => sideways(true),
    Home: () => activate(0),
    End: () => activate(rows.length - 1),
    PageDown: () => activate(place + 20),
    PageUp: () => activate(place - 20),
    Enter: () => active !== null && choose(active),
    " ": () => active !== null && choose(active),
    e: toNextError,
  };
  return {
    rows,
    active,
    folded,
    fold,
    toNextError,
    pick: (spanId: string) => {
      setActive(spanId);
      choose(spanId);
    },
    foldAll: () =>
      setFolded(new Set(waterfall.rows.filter((row) => row.descendants > 0 && row.depth > 0).map((row) => row.span.spanId))),
    unfoldAll: () => setFolded(new Set()),
    onKeyDown: (event: KeyboardEvent) => {
      const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    },
  };
}
