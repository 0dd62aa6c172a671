import type { Silence } from "#lib/contract/silences.ts";

/** When a silence holds, as it stands in its form; texts are those of inputs. */
export interface SpanDraft {
  /** Null is now, or for a silence that holds already, when it began. */
  readonly starts: string | null;
  /** So many seconds after the start, or a point in time. */
  readonly lasts: number | string;
}

/** When a silence holds, in epoch milliseconds. */
export interface Span {
  readonly startsMs: number;
  readonly endsMs: number;
}

/** What a new silence begins with. */
export const newSpan: SpanDraft = { starts: null, lasts: 7_200 };

/** The times of a silence as its form shows them. */
export function spanDraftOf(silence: Silence, toInput: (timeMs: number) => string): SpanDraft {
  return {
    starts: silence.state === "pending" ? toInput(Date.parse(silence.startsAt)) : null,
    lasts: toInput(Date.parse(silence.endsAt)),
  };
}

/** When the silence in the form would hold, or why it cannot: its end is past, comes before its start, or is no time. */
export function spanOfDraft(
  { starts, lasts }: SpanDraft,
  fromInput: (text: string) => number | null,
  times: { readonly nowMs: number; readonly begunMs: number | null },
): Span | "unreadable" | "ended" | "reversed" {
  const { nowMs, begunMs } = times;
  const startsMs = starts === null ? (begunMs ?? nowMs) : fromInput(starts);
  if (startsMs === null) return "unreadable";
  const endsMs = typeof lasts === "number" ? startsMs + lasts * 1_000 : fromInput(lasts);
  if (endsMs === null) return "unreadable";
  if (endsMs <= startsMs) return "reversed";
  return endsMs <= nowMs ? "ended" : { startsMs, endsMs };
}
