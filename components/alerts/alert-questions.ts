import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { ask } from "../data/ask.ts";
import type { incidentsFilterOf } from "./incident-keys.ts";

/** An alert must be seen soon, so these are asked as often as rules are evaluated. */
const refreshed = {
  refetchInterval: 10_000,
  staleTime: 10_000,
  placeholderData: keepPreviousData,
} as const;

/** The alerts that are not inactive. */
export function alertsQuestion() {
  return queryOptions({
    queryKey: ["alerts"],
    queryFn: ({ signal }) =>
      ask("alerts", {}, async () => (await import("#lib/contract/alerts.ts")).alertsAnswer, signal),
    ...refreshed,
  });
}

/** One incident of an alert, the last without its time, with everything that happened to it. */
export function alertQuestion(rule: string, fingerprint: string, incident: string | null) {
  return queryOptions({
    queryKey: ["alerts", rule, fingerprint, { incident }],
    queryFn: ({ signal }) =>
      ask(
        `alerts/${encodeURIComponent(rule)}/${encodeURIComponent(fingerprint)}`,
        incident === null ? {} : { incident },
        async () => (await import("#lib/contract/alerts.ts")).alertAnswer,
        signal,
      ),
    ...refreshed,
  });
}

/** The incidents of a window, also those that are over. */
export function incidentsQuestion(filter: ReturnType<typeof incidentsFilterOf>) {
  return queryOptions({
    queryKey: ["alerts", "incidents", filter],
    queryFn: ({ signal }) =>
      ask(
        "incidents",
        filter,
        async () => (await import("#lib/contract/incidents.ts")).incidentsAnswer,
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
