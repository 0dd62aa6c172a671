import { alertEvent } from "#lib/contract/alert-event.ts";
import type { Alert } from "#lib/notify/alert.ts";
import type { NotifiedAlert } from "#lib/store/notification-alerts.ts";

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
