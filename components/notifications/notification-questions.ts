import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { ask } from "../data/ask.ts";
import { send } from "../data/send.ts";

const refreshed = {
  refetchInterval: 10_000,
  staleTime: 10_000,
  placeholderData: keepPreviousData,
} as const;

/** Which deliveries are asked for; absent means all. */
export interface DeliveriesFilter {
  readonly channel?: string | undefined;
  readonly state?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Every channel, and every kind there is. */
export function channelsQuestion() {
  return queryOptions({
    queryKey: ["channels"],
    queryFn: ({ signal }) =>
      ask(
        "channels",
        {},
        async () => (await import("#lib/contract/channels.ts")).channelsAnswer,
        signal,
      ),
    ...refreshed,
  });
}

/** The tree of routes. */
export function routesQuestion() {
  return queryOptions({
    queryKey: ["routes"],
    queryFn: ({ signal }) =>
      ask("routes", {}, async () => (await import("#lib/contract/routes.ts")).routesAnswer, signal),
    ...refreshed,
  });
}

/** Where an alert with these labels would go now. */
export function explanationQuestion(labels: Readonly<Record<string, string>>) {
  return queryOptions({
    queryKey: ["routes", "explain", labels],
    queryFn: () =>
      send(
        "POST",
        "routes/explain",
        { labels },
        async () => (await import("#lib/contract/routes.ts")).routesExplanation,
      ),
    ...refreshed,
  });
}

/** What was sent to whom, the newest first. */
export function deliveriesQuestion(filter: DeliveriesFilter) {
  return queryOptions({
    queryKey: ["deliveries", filter],
    queryFn: ({ signal }) =>
      ask(
        "deliveries",
        { ...filter },
        async () => (await import("#lib/contract/deliveries.ts")).deliveriesAnswer,
        signal,
      ),
    ...refreshed,
  });
}

/** One delivery with every attempt. */
export function deliveryQuestion(id: string) {
  return queryOptions({
    queryKey: ["delivery", id],
    queryFn: ({ signal }) =>
      ask(
        `deliveries/${encodeURIComponent(id)}`,
        {},
        async () => (await import("#lib/contract/deliveries.ts")).deliveryAnswer,
        signal,
      ),
    refetchInterval: refreshed.refetchInterval,
    staleTime: refreshed.staleTime,
  });
}
