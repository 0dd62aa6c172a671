import { alertEvent } from "#lib/contract/alert-event.ts";
import type { Alert } from "#lib/notify/alert.ts";
import type { NotifiedAlert } from "#lib/store/notification-alerts.ts";
import { log } from "#lib/telemetry/log.ts";

/** An alert with its place in the tables of notification. */
export interface ToldAlert {
  readonly alertKey: string;
  readonly version: string;
  readonly alert: Alert;
}

/** Reads an alert as it was put into the outbox. */
export function toldAlert(row: NotifiedAlert): ToldAlert {
  const event = alertEvent.parse(row.alert);
  const { fingerprint, status, labels, annotations, startsAt, endsAt, generatorPath } = event;
  return {
    alertKey: row.alertKey,
    version: row.version,
    alert: {
      fingerprint,
      status,
      labels,
      annotations,
      startsAt,
      endsAt,
      values: event.values.map(({ name, value, text }) => ({ name, value, text })),
      evidence: event.evidence,
      exchanges: [],
      generatorPath,
    },
  };
}

/** Alerts that can be read; one that cannot is told to the operator, and keeps nobody from hearing of the others. */
export function readableAlerts(rows: readonly NotifiedAlert[]): ToldAlert[] {
  return rows.flatMap((row) => {
    try {
      return [toldAlert(row)];
    } catch (error) {
      log.error({ err: error, alert: row.alertKey }, "an alert cannot be read");
      return [];
    }
  });
}
