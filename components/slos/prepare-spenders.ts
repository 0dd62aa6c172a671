import type { SloAnswer, SloSpender } from "#lib/contract/slos.ts";
import { isModulePrefix } from "#lib/core/module-prefix.ts";

import { exchangesAddress, type ExchangeFilter } from "../exchanges/exchange-filter.ts";

type Slo = Pick<SloAnswer, "definition" | "status" | "spenders" | "recordsFrom">;

/** What spent a budget, of one kind. */
export interface SpenderGroup {
  readonly kind: SloSpender["kind"];
  readonly rows: readonly SpenderRow[];
}

export interface SpenderRow {
  readonly name: string;
  readonly bad: number;
  /** Share of the bad events that were counted; null where it is not of the same events. */
  readonly share: number | null;
  /** The page that shows these exchanges; null when none can. */
  readonly address: string | null;
}

const order = ["upstream", "module", "errorType", "status", "proxy", "endpoint"] as const;

/** What spent the budget, kind by kind, each with the way to its exchanges. */
export function prepareSpenders(slo: Slo): SpenderGroup[] {
  return order
    .map((kind) => ({
      kind,
      rows: slo.spenders
        .filter((spender) => spender.kind === kind)
        .map((spender) => ({
          name: spender.name,
          bad: spender.bad,
          share: shareOf(spender, slo),
          address: addressOf(spender, slo),
        })),
    }))
    .filter(({ rows }) => rows.length > 0);
}

/** An exchange may have several bad attempts, and single records may not reach as far back as the window. */
function shareOf({ kind, bad }: SloSpender, { status, definition }: Slo): number | null {
  const counted = kind === "proxy" || kind === "status" || kind === "endpoint";
  if (!counted || definition.budgeting.kind === "timeslices") return null;
  return status === null || status.bad === 0 ? null : Math.min(1, bad / status.bad);
}

function addressOf(spender: SloSpender, slo: Slo): string | null {
  const { definition, status, recordsFrom } = slo;
  if (status === null || definition.indicator === "freshness") return null;
  const narrowed = filterOf(spender);
  if (narrowed === null) return null;
  const { indicator, thresholdMs, proxy, upstream, endpoint, module } = definition;
  const scope =
    spender.kind === "upstream" ? { proxy, upstream } : { proxy, upstream, endpoint, module };
  const isSingle = spender.kind === "module" || spender.kind === "errorType";
  const from = isSingle ? (recordsFrom ?? status.from) : status.from;
  return exchangesAddress(
    { from, to: status.to },
    {
      ...scope,
      bad: indicator,
      thresholdMs: indicator === "latency" && thresholdMs !== null ? `${thresholdMs}` : null,
      ...narrowed,
    },
  );
}

function filterOf({ kind, name }: SloSpender): Partial<ExchangeFilter> | null {
  if (kind === "module") return isModulePrefix(name) ? { module: name } : null;
  if (kind === "endpoint") return name === "other" ? null : { endpoint: name };
  return { [kind]: name };
}
