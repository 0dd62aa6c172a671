import type { TraceAnswer } from "#lib/contract/trace.ts";
import { signed } from "#lib/core/signed-bits.ts";
import type { TracesPart } from "#lib/decode/otlp-parts.ts";
import { decodeTraces, type SpanRecord } from "#lib/decode/otlp-traces.ts";
import { tellsAttempts } from "#lib/normalize/told-attempts.ts";
import { wholeExchanges } from "#lib/normalize/whole-exchanges.ts";

import { attemptItemOf } from "./exchanges/item.ts";
import { spanIdOf } from "./exchanges/span-id.ts";

/** Gathers the attempts that SERVER spans of a trace themselves tell of, judged by the whole trace. */
export class ToldAttempts {
  readonly #hash: string;
  readonly #spans = new Map<string, SpanRecord>();

  constructor(hash: string) {
    this.#hash = hash;
  }

  /** Takes the trace's spans of a part of a block. */
  read({ payload }: TracesPart): void {
    for (const span of decodeTraces(payload).spans) {
      const hash = signed({ high: span.traceHigh, low: span.traceLow });
      if (hash === this.#hash) this.#spans.set(spanIdOf(span), span);
    }
  }

  /** Those of each span that has some, but where CLIENT spans of its proxy tell of them. */
  answer(): TraceAnswer["told"] {
    const spans = [...this.#spans.values()];
    if (!spans.some(({ http }) => http !== null && tellsAttempts(http))) return [];
    return wholeExchanges(spans).flatMap(({ span, exchange, clients }) => {
      if (span.http === null || !tellsAttempts(span.http)) return [];
      if (clients.some(({ service }) => service === span.service)) return [];
      return [{ spanId: spanIdOf(span), attempts: exchange.attempts.map(attemptItemOf) }];
    });
  }
}
