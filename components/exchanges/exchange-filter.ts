import { createLoader, parseAsString, type inferParserType } from "nuqs/server";

import type { WindowText } from "#lib/core/window.ts";

import { searchOf } from "../window/window-state.ts";

/** What the address of the page of exchanges adds to the window; the API says what is wrong with a value. */
export const exchangeKeys = {
  proxy: parseAsString,
  upstream: parseAsString,
  module: parseAsString,
  endpoint: parseAsString,
  status: parseAsString,
  errorType: parseAsString,
  bad: parseAsString,
  thresholdMs: parseAsString,
  order: parseAsString,
};
export type ExchangeFilter = inferParserType<typeof exchangeKeys>;

/** Reads it on the server. */
export const loadExchangeFilter = createLoader(exchangeKeys);

const shownMax = 50;

/** The filter as the parameters of the question; what is empty is not asked. */
export function parametersOf(filter: ExchangeFilter): Record<string, string> {
  const set = Object.entries(filter).flatMap(([name, value]): [string, string][] =>
    value === null || value === "" ? [] : [[name, value]],
  );
  return { ...Object.fromEntries(set), limit: `${shownMax}` };
}

/** The address of the page that shows the exchanges of a filter. */
export function exchangesAddress(text: WindowText, filter: Partial<ExchangeFilter>): string {
  return `/exchanges${searchOf(text, filter)}`;
}

/** A filter that stands in the address, beside the inputs of the page. */
export interface Chip {
  readonly name: "upstream" | "endpoint" | "status" | "errorType" | "bad";
  readonly value: string;
  /** What the filter is without it. */
  readonly without: Partial<Record<keyof ExchangeFilter, null>>;
}

/** The filters that the page has no input for, each with the way to leave it. */
export function chipsOf(filter: ExchangeFilter): Chip[] {
  const names = ["bad", "upstream", "endpoint", "errorType", "status"] as const;
  return names.flatMap((name) => {
    const value = filter[name];
    if (value === null) return [];
    const without = name === "bad" ? { bad: null, thresholdMs: null } : { [name]: null };
    return [{ name, value, without }];
  });
}
