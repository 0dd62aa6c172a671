import type { WaterfallSpan } from "./hop-spans.ts";

/** One span where it stands in the waterfall. Times are milliseconds since the trace began. */
export interface WaterfallRow {
  readonly span: WaterfallSpan;
  readonly depth: number;
  readonly offsetMs: number;
  /** Null where nobody measured it. */
  readonly durationMs: number | null;
  readonly error: boolean;
  /** How many rows below this one, without a gap, are its descendants. */
  readonly descendants: number;
  /** How many of those failed. */
  readonly errorsBelow: number;
  /** It names a parent that was not received. */
  readonly orphan: boolean;
}

/** A trace ready to be drawn: its rows in order, each parent before its children. */
export interface Waterfall {
  readonly rows: readonly WaterfallRow[];
  readonly totalMs: number;
  /** Epoch milliseconds. */
  readonly startMs: number;
  /** In the order they first appear; the place says the color. */
  readonly services: readonly {
    readonly name: string;
    readonly spans: number;
    readonly errors: number;
  }[];
  readonly errors: number;
  readonly orphans: number;
}

/**
 * Nests spans under their parents, siblings by start. A span whose parent was not received stands at the top level,
 * and so does one of a ring of parents, which only broken senders make; no span is ever left out.
 */
export function prepareWaterfall(spans: readonly WaterfallSpan[]): Waterfall {
  const timed = spans
    .map(timedOf)
    .toSorted((a, b) => compare(a.startNs, b.startNs) || compare(b.endNs, a.endNs));
  const startNs = timed[0]?.startNs ?? 0n;
  const rows = withDescendants(inOrder(timed, startNs));
  const endNs = timed.reduce((latest, { endNs: each }) => (each > latest ? each : latest), startNs);
  return {
    rows,
    totalMs: toMs(endNs - startNs),
    startMs: toMs(startNs),
    services: servicesOf(rows),
    errors: rows.filter((row) => row.error).length,
    orphans: rows.filter((row) => row.orphan).length,
  };
}

/** The rows that are shown while the given spans are folded. */
export function unfoldedRows(
  rows: readonly WaterfallRow[],
  folded: ReadonlySet<string>,
): WaterfallRow[] {
  const shown: WaterfallRow[] = [];
  for (let place = 0; place < rows.length; place += 1) {
    const row = rows[place];
    if (row === undefined) break;
    shown.push(row);
    if (folded.has(row.span.spanId)) place += row.descendants;
  }
  return shown;
}

/** The place of the next failed span after `from`, starting over at the end; null when none failed. */
export function nextError(rows: readonly WaterfallRow[], from: number): number | null {
  for (let step = 1; step <= rows.length; step += 1) {
    const place = (from + step + rows.length) % rows.length;
    if (rows[place]?.error === true) return place;
  }
  return null;
}

/** The spans that must be unfolded to show the row at a place. */
export function ancestorsOf(rows: readonly WaterfallRow[], place: number): string[] {
  const ancestors: string[] = [];
  let depth = rows[place]?.depth ?? 0;
  for (let above = place - 1; above >= 0 && depth > 0; above -= 1) {
    const row = rows[above];
    if (row === undefined || row.depth >= depth) continue;
    ancestors.push(row.span.spanId);
    depth = row.depth;
  }
  return ancestors;
}

interface Timed {
  readonly span: WaterfallSpan;
  readonly startNs: bigint;
  readonly endNs: bigint;
}

type Placed = Omit<WaterfallRow, "descendants" | "errorsBelow">;

function timedOf(span: WaterfallSpan): Timed {
  const startNs = BigInt(span.startNs);
  const endNs = BigInt(span.endNs ?? span.startNs);
  // Some senders leave the end out; it then is 0.
  return { span, startNs, endNs: endNs < startNs ? startNs : endNs };
}

/** Walks the tree with a stack of its own: a trace may nest deeper than the engine's. */
function inOrder(timed: readonly Timed[], startNs: bigint): Placed[] {
  const known = new Set(timed.map(({ span }) => span.spanId));
  const childrenOf = Map.groupBy(timed, ({ span }) => span.parentSpanId ?? "");
  const isOrphan = ({ span }: Timed) => span.parentSpanId !== null && !known.has(span.parentSpanId);
  const roots = timed.filter((each) => each.span.parentSpanId === null || isOrphan(each));
  const seen = new Set<Timed>();
  const rows: Placed[] = [];
  const walk = (root: Timed, orphan: boolean) => {
    const open = [{ each: root, depth: 0 }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { each, depth } = next;
      if (seen.has(each)) continue;
      seen.add(each);
      rows.push(placed(each, depth, startNs, orphan && depth === 0));
      const children = childrenOf.get(each.span.spanId) ?? [];
      for (const child of children.toReversed()) open.push({ each: child, depth: depth + 1 });
    }
  };
  for (const root of roots) walk(root, isOrphan(root));
  for (const each of timed) if (!seen.has(each)) walk(each, true);
  return rows;
}

function placed(
  { span, startNs, endNs }: Timed,
  depth: number,
  traceStartNs: bigint,
  orphan: boolean,
): Placed {
  return {
    span,
    depth,
    offsetMs: toMs(startNs - traceStartNs),
    durationMs: span.endNs === null ? null : toMs(endNs - startNs),
    error: span.status === "error",
    orphan,
  };
}

function withDescendants(rows: readonly Placed[]): WaterfallRow[] {
  const result: WaterfallRow[] = [];
  // From the last row up, each row's descendants are counted before it is reached.
  for (let place = rows.length - 1; place >= 0; place -= 1) {
    const row = rows[place];
    if (row === undefined) continue;
    let descendants = 0;
    let errorsBelow = 0;
    for (let below = place + 1; below < rows.length;) {
      const child = result[rows.length - 1 - below];
      if (child === undefined || child.depth <= row.depth) break;
      descendants += child.descendants + 1;
      errorsBelow += child.errorsBelow + Number(child.error);
      below += child.descendants + 1;
    }
    result.push({ ...row, descendants, errorsBelow });
  }
  return result.toReversed();
}

function servicesOf(rows: readonly WaterfallRow[]): Waterfall["services"] {
  const byName = Map.groupBy(rows, (row) => row.span.service);
  return [...byName].map(([name, own]) => ({
    name,
    spans: own.length,
    errors: own.filter((row) => row.error).length,
  }));
}

function toMs(ns: bigint): number {
  return Number(ns) / 1e6;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}
