import type { Database } from "#lib/db/open.ts";
import type { Alert, OffendingExchange } from "#lib/notify/alert.ts";
import { log } from "#lib/telemetry/log.ts";

import { readExchanges } from "../read-exchanges.ts";

const exchangesMax = 3;
const waitMsMax = 2_000;

/** The worst exchanges of the time an alert is about; none when they cannot be read in time: the alert goes out anyway. */
export async function offendingExchanges(
  db: Database,
  project: number,
  alert: Alert,
): Promise<OffendingExchange[]> {
  const [evidence] = alert.evidence;
  const { proxy, upstream } = alert.labels;
  if (alert.status !== "firing" || evidence === undefined || proxy === undefined) return [];
  const window = { fromMs: Date.parse(evidence.from), toMs: Date.parse(evidence.to) };
  try {
    const items = await Promise.race([
      readExchanges(
        db,
        { project, window },
        { proxy, upstream, order: "worst", limit: exchangesMax },
      ),
      timeOut(),
    ]);
    return items.slice(0, exchangesMax).map((item) => ({
      time: item.time,
      proxy: item.proxy,
      upstream: item.attempts.at(-1)?.upstream ?? null,
      path: item.path,
      status: item.status,
      errorType: item.errorType,
      latencyMs: item.latencyMs,
      viewPath: `/exchanges/${encodeURIComponent(item.id)}`,
    }));
  } catch (error) {
    log.warn({ err: error }, "the exchanges of an alert could not be read");
    return [];
  }
}

function timeOut(): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error("The exchanges were not read in time.")), waitMsMax).unref();
  });
}
