import type { AlertEvidence } from "#lib/contract/alert-event.ts";
import type { ExchangeItem } from "#lib/contract/exchanges.ts";
import type { Labels } from "#lib/core/fingerprint.ts";
import type { Database } from "#lib/db/open.ts";
import { log } from "#lib/telemetry/log.ts";

import { readExchanges } from "../read-exchanges.ts";
import { timeText } from "./alert-event.ts";

interface FiringAlert {
  readonly groupKey: string;
  readonly labels: Labels;
  readonly activeAtMs: number;
}

/** Alerts of one round that get exchanges: with more of them at once the pages say more than single requests. */
const alertsMax = 5;
const exchangesPerAlert = 3;
const lookedBackMs = 300_000;

/** The worst exchanges behind alerts that begin to fire. An alert is never held up for want of them. */
export async function worstExchanges(
  db: Database,
  project: number,
  alerts: readonly FiringAlert[],
  nowMs: number,
): Promise<Map<string, AlertEvidence[]>> {
  const found = new Map<string, AlertEvidence[]>();
  for (const alert of alerts.slice(0, alertsMax)) {
    found.set(
      alert.groupKey,
      await worstOf(db, project, alert, nowMs).catch((error: unknown) => {
        log.warn({ err: error, alert: alert.groupKey }, "no exchanges were found for an alert");
        return [];
      }),
    );
  }
  return found;
}

async function worstOf(
  db: Database,
  project: number,
  { labels, activeAtMs }: FiringAlert,
  nowMs: number,
): Promise<AlertEvidence[]> {
  const { proxy, upstream, module } = labels;
  if (proxy === undefined) return [];
  const window = { fromMs: activeAtMs - lookedBackMs, toMs: nowMs + 1_000 };
  const params = { proxy, upstream, module, order: "worst", limit: exchangesPerAlert } as const;
  const items = await readExchanges(db, { project, window }, params);
  return items.map((item) => ({
    kind: "exchanges",
    title: titleOf(item),
    path: `/exchanges/${encodeURIComponent(item.id)}`,
    from: timeText(window.fromMs),
    to: timeText(window.toMs),
  }));
}

function titleOf({ method, path, status, errorType, latencyMs }: ExchangeItem): string {
  const request = `${method ?? "?"} ${(path ?? "?").slice(0, 160)}`;
  const answer = `${status ?? errorType ?? "no answer"}`;
  return latencyMs === null ? `${request}: ${answer}` : `${request}: ${answer} in ${latencyMs} ms`;
}
