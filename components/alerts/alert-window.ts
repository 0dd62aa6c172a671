import type { WindowText } from "#lib/core/window.ts";

import type { ShownAlert } from "./prepare-alerts.ts";

/** Evidence begins so long before the condition held: rules look back at least this far. */
const lookedBackMs = 300_000;

/** The time that an alert is about; until now while it lasts, so that what is shown goes on. */
export function alertWindow({
  activeAt,
  resolvedAt,
}: Pick<ShownAlert, "activeAt" | "resolvedAt">): WindowText {
  const from = new Date(Date.parse(activeAt) - lookedBackMs).toISOString();
  return { from, to: resolvedAt ?? "now" };
}

/** The same, ending now at the latest: for links, which must still open the same view tomorrow. */
export function alertRange(alert: ShownAlert, nowMs: number): WindowText {
  return { ...alertWindow(alert), to: alert.resolvedAt ?? new Date(nowMs).toISOString() };
}
