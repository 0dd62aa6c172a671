import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import type { WindowText } from "#lib/core/window.ts";

import { ask } from "../data/ask.ts";

/** How this installation itself is doing. */
export function operationsQuestion(text: WindowText) {
  return queryOptions({
    queryKey: ["operations", text],
    queryFn: ({ signal }) =>
      ask(
        "operations",
        { from: text.from, to: text.to },
        async () => (await import("#lib/contract/operations.ts")).operationsAnswer,
        signal,
      ),
    refetchInterval: 10_000,
    staleTime: 10_000,
    placeholderData: keepPreviousData,
  });
}
