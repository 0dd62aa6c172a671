"use client";

import { useMemo, useState, type KeyboardEvent } from "react";

import {
  ancestorsOf,
  nextError,
  unfoldedRows,
  type Waterfall,
  type WaterfallRow,
} from "./prepare-waterfall.ts";

interface UseWaterfall {
  readonly waterfall: Waterfall;
  /** The id of the span whose details are shown. */
  readonly chosen: string | null;
  readonly choose: (spanId: string) => void;
  /** Brings a shown row into view. */
  readonly reveal: (place: number) => void;
}

/** Which row is active, which spans are folded, and what the keys do. */
export function useWaterfall({ waterfall, chosen, choose, reveal }: UseWaterfall) {
  const folding = useFolding(waterfall);
  const [active, setActive] = useState<string | null>(chosen);
  const { folded } = folding;
  const rows = useMemo(() => unfoldedRows(waterfall.rows, folded), [waterfall, folded]);
  const place = rows.findIndex((row) => row.span.spanId === active);
  const activate = (next: number) => {
    const at = Math.min(rows.length - 1, Math.max(0, next));
    const row = rows[at];
    if (row === undefined) return;
    setActive(row.span.spanId);
    reveal(at);
  };
  const pick = (spanId: string) => {
    setActive(spanId);
    choose(spanId);
  };
  const toNextError = () => {
    const from = waterfall.rows.findIndex((row) => row.span.spanId === active);
    const target = nextError(waterfall.rows, from);
    const row = target === null ? undefined : waterfall.rows[target];
    if (target === null || row === undefined) return;
    const after = folding.unfold(ancestorsOf(waterfall.rows, target));
    pick(row.span.spanId);
    reveal(unfoldedRows(waterfall.rows, after).indexOf(row));
  };
  const sideways = (close: boolean) => {
    const row = rows[place];
    if (row === undefined) return;
    const step = sidewaysStep(row, folded.has(row.span.spanId), close);
    if (step === "fold") folding.fold(row.span.spanId, close);
    else if (step === "child") activate(place + 1);
    else activate(rows.findLastIndex((above, at) => at < place && above.depth < row.depth));
  };
  const onKeyDown = keyHandler({
    ArrowDown: () => activate(place + 1),
    ArrowUp: () => activate(place - 1),
    ArrowRight: () => sideways(false),
    ArrowLeft: () => sideways(true),
    Home: () => activate(0),
    End: () => activate(rows.length - 1),
    PageDown: () => activate(place + pageRows),
    PageUp: () => activate(place - pageRows),
    Enter: () => active !== null && choose(active),
    " ": () => active !== null && choose(active),
    e: toNextError,
  });
  return { ...folding, rows, active, pick, toNextError, onKeyDown };
}

const pageRows = 20;

function useFolding(waterfall: Waterfall) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  return {
    folded,
    fold: (spanId: string, close: boolean) =>
      setFolded((before) => {
        const after = new Set(before);
        if (close) after.add(spanId);
        else after.delete(spanId);
        return after;
      }),
    /** Opens the given spans, and says which are then still folded. */
    unfold: (spanIds: readonly string[]): ReadonlySet<string> => {
      const after = new Set([...folded].filter((spanId) => !spanIds.includes(spanId)));
      setFolded(after);
      return after;
    },
    foldAll: () => setFolded(new Set(foldable(waterfall.rows))),
    unfoldAll: () => setFolded(new Set()),
  };
}

/** All but the top level can be folded away at once: folding that too would show next to nothing. */
function foldable(rows: readonly WaterfallRow[]): string[] {
  return rows.filter((row) => row.descendants > 0 && row.depth > 0).map((row) => row.span.spanId);
}

/** As in every tree: left folds, then goes to the parent; right unfolds, then goes to the first child. */
function sidewaysStep(
  row: WaterfallRow,
  isFolded: boolean,
  close: boolean,
): "fold" | "parent" | "child" {
  if (close) return isFolded || row.descendants === 0 ? "parent" : "fold";
  return isFolded ? "fold" : "child";
}

function keyHandler(keys: Readonly<Record<string, () => void>>): (event: KeyboardEvent) => void {
  return (event) => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
}
