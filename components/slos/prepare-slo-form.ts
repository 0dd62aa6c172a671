import type { SloItem } from "#lib/contract/slos.ts";

type Definition = SloItem["definition"];

/** An objective as a form holds it. */
export type SloDraft = ReturnType<typeof draftOf>;

/** An objective as a form shows it; a new one is 99.9 % of requests over four weeks. */
export function draftOf(slo: Definition | null) {
  const shown = slo ?? fresh;
  return {
    name: shown.name,
    description: shown.description,
    indicator: shown.indicator,
    alerts: shown.alerts,
    thresholdMs: textOf(shown.thresholdMs),
    proxy: textOf(shown.proxy),
    upstream: textOf(shown.upstream),
    endpoint: textOf(shown.endpoint),
    module: textOf(shown.module),
    runbookUrl: textOf(shown.runbookUrl),
    percent: String(shown.objectivePpm / 10_000),
    ...windowDraft(slo),
    ...budgetingDraft(slo),
  };
}

const fresh = {
  name: "",
  description: "",
  indicator: "availability",
  alerts: true,
  thresholdMs: null,
  proxy: null,
  upstream: null,
  endpoint: null,
  module: null,
  runbookUrl: null,
  objectivePpm: 999_000,
} satisfies Partial<Definition>;

/** The objective that a form means; what the form does not show stays as it was. */
export function definitionOf(draft: SloDraft, before: Definition | null): Record<string, unknown> {
  const { name, description, indicator, alerts } = draft;
  return {
    ...before,
    name,
    description,
    indicator,
    alerts,
    thresholdMs:
      indicator === "latency" && draft.thresholdMs !== "" ? Number(draft.thresholdMs) : null,
    proxy: nullable(draft.proxy),
    upstream: nullable(draft.upstream),
    endpoint: nullable(draft.endpoint),
    module: nullable(draft.module),
    runbookUrl: nullable(draft.runbookUrl),
    objectivePpm: Math.round(Number(draft.percent) * 10_000),
    window:
      draft.window === "rolling"
        ? { kind: "rolling", days: Number(draft.days) }
        : { kind: "calendar", unit: draft.unit, zone: draft.zone.trim() },
    budgeting:
      draft.budgeting === "occurrences"
        ? { kind: "occurrences" }
        : {
            kind: "timeslices",
            sliceSeconds: Number(draft.sliceSeconds),
            sliceTargetPpm: Math.round(Number(draft.slicePercent) * 10_000),
          },
  };
}

/** A key made of a name: lower-case letters, digits and hyphens. Words that are pages of their own are avoided. */
export function keyOf(name: string): string {
  const plain = name.normalize("NFKD").toLowerCase();
  const key = plain
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, "");
  return ["new", "openslo"].includes(key) ? `${key}-1` : key;
}

function windowDraft(slo: Definition | null) {
  const window = slo?.window;
  const calendar = window?.kind === "calendar" ? window : { unit: "month" as const, zone: "UTC" };
  return {
    window: window?.kind ?? ("rolling" as const),
    days: String(window?.kind === "rolling" ? window.days : 28),
    unit: calendar.unit,
    zone: calendar.zone,
  };
}

function budgetingDraft(slo: Definition | null) {
  const budgeting = slo?.budgeting;
  const slices =
    budgeting?.kind === "timeslices" ? budgeting : { sliceSeconds: 300, sliceTargetPpm: 950_000 };
  return {
    budgeting: budgeting?.kind ?? ("occurrences" as const),
    sliceSeconds: String(slices.sliceSeconds),
    slicePercent: String(slices.sliceTargetPpm / 10_000),
  };
}

function textOf(value: string | number | null | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}

function nullable(text: string): string | null {
  return text.trim() === "" ? null : text.trim();
}
