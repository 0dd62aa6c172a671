import { queryOptions } from "@tanstack/react-query";

import { ask } from "../data/ask.ts";

/** Every token, without the tokens themselves. */
export function tokensQuestion() {
  return queryOptions({
    queryKey: ["tokens"],
    queryFn: ({ signal }) =>
      ask("tokens", {}, async () => (await import("#lib/contract/tokens.ts")).tokensAnswer, signal),
    refetchInterval: 5_000,
    staleTime: 5_000,
  });
}
