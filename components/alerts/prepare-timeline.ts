import type { TimelineItem } from "#lib/contract/alerts.ts";
import type { DeliveryItem } from "#lib/contract/deliveries.ts";

/** One line of what happened: to the alert, by people, or to those who were told. */
export type TimelineLine =
  | TimelineItem
  | { readonly kind: "delivery"; readonly at: string; readonly delivery: DeliveryItem };

/** Everything that happened, the newest first. */
export function prepareTimeline(
  timeline: readonly TimelineItem[],
  deliveries: readonly DeliveryItem[],
): TimelineLine[] {
  const sent = deliveries.map((delivery) => ({
    kind: "delivery" as const,
    at: delivery.finishedAt ?? delivery.createdAt,
    delivery,
  }));
  return [...timeline, ...sent].toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
}
