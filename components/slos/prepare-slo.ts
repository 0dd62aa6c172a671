import type { SloItem } from "#lib/contract/slos.ts";

export type SloState = NonNullable<SloItem["status"]>["state"];

const attention: readonly SloState[] = ["exhausted", "at_risk", "no_data", "healthy"];

/** The objective's state; one that nothing arrived for has no data. */
export function stateOf({ status }: Pick<SloItem, "status">): SloState {
  return status?.state ?? "no_data";
}

/** Objectives in the order of attention: by state, then by what is left of the budget, least first. */
export function worstFirst(slos: readonly SloItem[]): SloItem[] {
  return slos.toSorted(
    (a, b) =>
      attention.indexOf(stateOf(a)) - attention.indexOf(stateOf(b)) ||
      leftOf(a) - leftOf(b) ||
      a.definition.name.localeCompare(b.definition.name),
  );
}

function leftOf({ status }: SloItem): number {
  return status?.remaining ?? 1;
}

/** Parts per million as percent, exact: `99.95%`. */
export function percentOf(ppm: number): string {
  return `${Number((ppm / 10_000).toFixed(4))}%`;
}

interface Formats {
  readonly ratio: (share: number) => string;
  readonly ratioMark: (share: number) => string;
}

/** A share with its sign, however large; beyond all of it in whole percent. Null where nothing was measured. */
export function signedShare(share: number | null | undefined, formats: Formats): string | null {
  if (share === null || share === undefined) return null;
  const size = Math.abs(share);
  const text = size > 1 ? formats.ratioMark(Math.round(size * 100) / 100) : formats.ratio(size);
  return share < 0 ? `−${text}` : text;
}

/** A number of events of a budget, which may be a fraction: to one digit, with its sign. */
export function eventsText(events: number, format: (events: number) => string): string {
  const text = format(Math.round(Math.abs(events) * 10) / 10);
  return events < 0 ? `−${text}` : text;
}

/** A burn rate as a factor: `1.5×`. */
export function factorText(burn: number | null | undefined): string | null {
  if (burn === null || burn === undefined) return null;
  return `${Number(burn.toPrecision(3)).toLocaleString("en-US")}×`;
}
