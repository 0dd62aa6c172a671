import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { ask } from "../data/ask.ts";

/** An alert must be seen soon, so these are asked as often as rules are evaluated. */
const refreshed = {
  refetchInterval: 10_000,
  staleTime: 10_000,
  placeholderData: keepPreviousData,
} as const;

/** How many deliveries the timeline of one alert shows. */
export const deliveriesShown = 50;

/** The alerts that are not inactive. */
export function alertsQuestion() {
  return queryOptions({
    queryKey: ["alerts"],
    queryFn: ({ signal }) =>
      ask("alerts", {}, async () => (await import("#lib/contract/alerts.ts")).alertsAnswer, signal),
    ...refreshed,
  });
}

/** One alert with everything that happened to it. */
export function alertQuestion(rule: string, fingerprint: string) {
  return queryOptions({
    queryKey: ["alerts", rule, fingerprint],
    queryFn: ({ signal }) =>
      ask(
        `alerts/${encodeURIComponent(rule)}/${encodeURIComponent(fingerprint)}`,
        {},
        async () => (await import("#lib/contract/alerts.ts")).alertAnswer,
        signal,
      ),
    ...refreshed,
  });
}

/** The messages that told of one alert. */
export function alertDeliveriesQuestion(groupKey: string) {
  return queryOptions({
    queryKey: ["deliveries", { alert: groupKey }],
    queryFn: ({ signal }) =>
      ask(
        "deliveries",
        { alert: groupKey, limit: deliveriesShown },
        async () => (await import("#lib/contract/deliveries.ts")).deliveriesAnswer,
        signal,
      ),
    ...refreshed,
  });
}

/** The silences that hold, that will, and that ended lately. */
export function silencesQuestion() {
  return queryOptions({
    queryKey: ["silences"],
    queryFn: ({ signal }) =>
      ask(
        "silences",
        {},
        async () => (await import("#lib/contract/silences.ts")).silencesAnswer,
        signal,
      ),
    ...refreshed,
  });
}
