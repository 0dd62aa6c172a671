import type { ExchangeItem } from "#lib/contract/exchanges.ts";
import { isError, isNotFound } from "#lib/core/outcome.ts";

type Outcome = Pick<ExchangeItem, "status" | "errorType">;

/** What was asked for, in the words of Go where it was a module, and as it stood on the wire. */
export function requestText(exchange: Pick<ExchangeItem, "method" | "path" | "module">): {
  readonly main: string;
  readonly sub: string | null;
} {
  const wire = [exchange.method, exchange.path].filter((part) => part !== null).join(" ");
  const { module } = exchange;
  if (module === null) return { main: wire === "" ? "–" : wire, sub: null };
  const version = module.version === null ? "" : `@${module.version}`;
  return {
    main: `${module.module}${version}`,
    sub: `${exchange.method ?? ""} ${module.endpoint}`.trim(),
  };
}

/** The status, or why there is none; null when nobody said. */
export function resultText({ status, errorType }: Outcome): string | null {
  if (errorType === null) return status === null ? null : String(status);
  return status === null ? errorType : `${status} ${errorType}`;
}

/** How a result is set: errors bad, normal answers of not found plain, nothing answered bad. */
export function resultTone(outcome: Outcome): "bad" | "soft" | "plain" {
  if (isError(outcome) || outcome.status === null) return "bad";
  return isNotFound(outcome.status) ? "soft" : "plain";
}
