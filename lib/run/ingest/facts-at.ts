import { doubleAt, intAt } from "#lib/core/number-at.ts";
import type { RowColumns } from "#lib/core/record-rows.ts";
import type { ExchangeFacts } from "#lib/rollup/accumulate.ts";

/** What the sums need of one row after the other, in one object that moves over them: one for each would be thousands. */
export class FactsAt implements ExchangeFacts {
  startUs = 0;
  durationUs = -1;
  bytes = -1;
  status = 0;
  errorType = 0;
  tlsReason = 0;
  cache = 0;
  moduleEndpoint = 0;
  readonly #columns: RowColumns;

  constructor(columns: RowColumns) {
    this.#columns = columns;
  }

  /** The facts of a row, until the next one is asked for. */
  of(at: number): ExchangeFacts {
    const columns = this.#columns;
    this.startUs = doubleAt(columns.startUs, at);
    this.durationUs = doubleAt(columns.durationUs, at);
    this.bytes = doubleAt(columns.bytes, at);
    this.status = intAt(columns.status, at);
    this.errorType = intAt(columns.errorType, at);
    this.tlsReason = intAt(columns.tlsReason, at);
    this.cache = intAt(columns.cache, at);
    this.moduleEndpoint = intAt(columns.moduleEndpoint, at);
    return this;
  }
}
