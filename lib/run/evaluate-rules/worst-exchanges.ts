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
    title: titleOf(item, upstream),
    path: `/exchanges/${encodeURIComponent(item.id)}`,
    from: timeText(window.fromMs),
    to: timeText(window.toMs),
  }));
}

/** What was asked and answered; for an upstream, what it answered, as that is what the alert is about. */
function titleOf(
  { method, path, status, errorType, latencyMs, attempts }: ExchangeItem,
  upstream: string | undefined,
): string {
  const request = `${method ?? "?"} ${(path ?? "?").slice(0, 160)}`;
  const asked = attempts.filter((attempt) => attempt.upstream === upstream);
  const told = asked.find(isFailed) ?? asked[0];
  const own = told === undefined ? "" : `${told.upstream} ${resultOf(told)}, the client `;
  const answer = resultOf({ status, errorType });
  const took = latencyMs === null ? "" : ` in ${Number(latencyMs.toPrecision(3))} ms`;
  return `${request}: ${own}${answer}${took}`;
}

function isFailed({ status, errorType }: Pick<ExchangeItem, "status" | "errorType">): boolean {
  return errorType !== null || status === null || status >= 500 || status === 429;
}

function resultOf({ status, errorType }: Pick<ExchangeItem, "status" | "errorType">): string {
  return String(status ?? errorType ?? "no answer");
}
