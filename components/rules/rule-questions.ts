import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import type { RuleSubject } from "#lib/core/rule.ts";

import { ask } from "../data/ask.ts";
import { send } from "../data/send.ts";

/** Every rule, how its alerts stand, and the files that rules come from. */
export function rulesQuestion() {
  return queryOptions({
    queryKey: ["rules"],
    queryFn: ({ signal }) =>
      ask("rules", {}, async () => (await import("#lib/contract/rules.ts")).rulesAnswer, signal),
    refetchInterval: 10_000,
    staleTime: 10_000,
    placeholderData: keepPreviousData,
  });
}

/** Everything that an expression can name. It changes with the program only. */
export function catalogueQuestion() {
  return queryOptions({
    queryKey: ["rules", "catalogue"],
    queryFn: ({ signal }) =>
      ask(
        "rules/catalogue",
        {},
        async () => (await import("#lib/contract/rules.ts")).catalogueAnswer,
        signal,
      ),
    staleTime: Infinity,
  });
}

/** What is wrong with an expression. */
export function checkQuestion(text: string, per: RuleSubject) {
  return queryOptions({
    queryKey: ["rules", "check", per, text],
    queryFn: () =>
      send(
        "POST",
        "rules/check",
        { text, per },
        async () => (await import("#lib/contract/rules.ts")).checkAnswer,
      ),
    staleTime: Infinity,
  });
}
