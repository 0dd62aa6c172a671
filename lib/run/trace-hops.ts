import type { TraceHop } from "#lib/contract/trace.ts";
import type { DetailSpan } from "#lib/decode/otlp-detail.ts";
import { spansOfSameExchanges } from "#lib/normalize/same-exchange.ts";
import type { Block } from "#lib/query/blocks.ts";
import type { LeftOut } from "#lib/telemetry/left-out.ts";

import { itemOf } from "./exchanges/item.ts";
import { type LoggedExchange, logExchangesOfTrace } from "./exchanges/log-lines.ts";
import { readBlock } from "./exchanges/read-block.ts";

/** Hops shown of one trace; the earliest are kept. */
const hopsMax = 1_000;
/** Some senders give all their requests one trace id: what they fill is not read to its end. */
const readMsMax = 2_000;

/** Gathers what access logs tell of a trace. */
export class TraceHops {
  readonly #traceId: string;
  readonly #leftOut: LeftOut;
  readonly #logged: LoggedExchange[] = [];
  #readMs = 0;
  #isCut = false;

  constructor(traceId: string, leftOut: LeftOut) {
    this.#traceId = traceId;
    this.#leftOut = leftOut;
  }

  /** Takes the trace's exchanges of a block that holds no spans. */
  read(block: Block): void {
    if (this.#readMs >= readMsMax) {
      this.#isCut = true;
      return;
    }
    const begunMs = performance.now();
    const read = (one: Block) => logExchangesOfTrace(one, this.#traceId);
    this.#logged.push(...readBlock(block, this.#leftOut, read));
    this.#readMs += performance.now() - begunMs;
  }

  /** The hops by start time, each with the span that tells of it too. */
  answer(spans: readonly DetailSpan[]): { readonly hops: TraceHop[]; readonly hopsCut: boolean } {
    const inOrder = this.#logged.toSorted((a, b) => a.exchange.startUs - b.exchange.startUs);
    const shown = inOrder.slice(0, hopsMax);
    const told = spansOfSameExchanges(
      shown.map(({ exchange }) => exchange),
      spans,
    );
    const hops = shown.map((logged, at) => hopOf(logged, this.#traceId, told.get(at) ?? null));
    return { hops, hopsCut: this.#isCut || inOrder.length > hopsMax };
  }
}

function hopOf(
  { place, exchange }: LoggedExchange,
  traceId: string,
  spanId: string | null,
): TraceHop {
  const item = itemOf(place, exchange, traceId);
  const attempts = item.attempts.map((attempt, at) => {
    const { startUs = exchange.startUs, durationUs = null } = exchange.attempts[at] ?? {};
    return { ...attempt, ...hopTime(startUs, durationUs) };
  });
  return { ...item, ...hopTime(exchange.startUs, exchange.durationUs), attempts, spanId };
}

function hopTime(startUs: number, durationUs: number | null): Pick<TraceHop, "startNs" | "endNs"> {
  const endNs = durationUs === null ? null : nsOf(startUs + durationUs);
  return { startNs: nsOf(startUs), endNs };
}

function nsOf(us: number): string {
  return `${Math.round(us)}000`;
}
