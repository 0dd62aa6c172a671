import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { ask } from "../data/ask.ts";

const refreshed = {
  refetchInterval: 30_000,
  staleTime: 30_000,
  placeholderData: keepPreviousData,
} as const;

/** Every objective with how it stands. */
export function slosQuestion() {
  return queryOptions({
    queryKey: ["slos"],
    queryFn: ({ signal }) =>
      ask("slos", {}, async () => (await import("#lib/contract/slos.ts")).slosAnswer, signal),
    ...refreshed,
  });
}

/** One objective: budget, burn rates, what spent it, and the periods before. */
export function sloQuestion(key: string) {
  return queryOptions({
    queryKey: ["slo", key],
    queryFn: ({ signal }) =>
      ask(
        `slos/${encodeURIComponent(key)}`,
        {},
        async () => (await import("#lib/contract/slos.ts")).sloAnswer,
        signal,
      ),
    ...refreshed,
  });
}
