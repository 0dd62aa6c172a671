import type { ClientBase } from "pg";

import type { Labels } from "#lib/core/fingerprint.ts";

/** What is kept of an incident beside its transitions. */
export interface IncidentFacts {
  readonly annotations: Labels;
  /** The pages that show it, as evidence of the contract. */
  readonly evidence: unknown;
  /** The worst exchanges behind it, as evidence of the contract; found only when it fires. */
  readonly exchanges: unknown;
}

/** A change of state that begins or ends an incident. */
interface IncidentChange {
  readonly groupKey: string;
  readonly ruleKey: string;
  readonly incidentAtMs: number;
  readonly atMs: number;
  readonly state: string;
  readonly reason: string;
  readonly labels: Labels;
  readonly values: unknown;
  readonly incident: IncidentFacts;
}

/** Writes down the incidents that begin and end, in the transaction that moves their alerts. */
export async function writeIncidents(
  client: ClientBase,
  project: number,
  changes: readonly IncidentChange[],
): Promise<void> {
  const begun = changes.filter(({ state }) => state === "firing");
  const ended = changes.filter(({ state }) => state === "resolved");
  if (begun.length > 0) await beginIncidents(client, project, begun);
  if (ended.length > 0) await endIncidents(client, project, ended);
}

async function beginIncidents(
  client: ClientBase,
  project: number,
  begun: readonly IncidentChange[],
): Promise<void> {
  const rows = begun.map((one) => ({
    group_key: one.groupKey,
    incident_at: new Date(one.incidentAtMs),
    rule_key: one.ruleKey,
    fingerprint: one.groupKey.slice(one.ruleKey.length + 1),
    severity: one.labels["severity"] ?? "info",
    labels: one.labels,
    values: one.values,
    fired_at: new Date(one.atMs),
    ...one.incident,
  }));
  await client.query(
    `INSERT INTO alert_incident (project_id, group_key, incident_at, rule_key, fingerprint, severity, labels, annotations,
       "values", evidence, exchanges, fired_at, acknowledged_at, acknowledged_by)
     SELECT $1, r.*, known.acknowledged_at, known.acknowledged_by
       FROM jsonb_to_recordset($2::jsonb) AS r(group_key text, incident_at timestamptz, rule_key text, fingerprint text,
         severity text, labels jsonb, annotations jsonb, "values" jsonb, evidence jsonb, exchanges jsonb, fired_at timestamptz)
       LEFT JOIN alert_state AS known
         ON known.project_id = $1 AND known.group_key = r.group_key AND known.active_at = r.incident_at
     ON CONFLICT DO NOTHING`,
    [project, JSON.stringify(rows)],
  );
}

async function endIncidents(
  client: ClientBase,
  project: number,
  ended: readonly IncidentChange[],
): Promise<void> {
  const rows = ended.map((one) => ({
    group_key: one.groupKey,
    incident_at: new Date(one.incidentAtMs),
    resolved_at: new Date(one.atMs),
    reason: one.reason,
    evidence: one.incident.evidence,
  }));
  await client.query(
    `UPDATE alert_incident AS i SET resolved_at = r.resolved_at, ended_because = r.reason, evidence = r.evidence
       FROM jsonb_to_recordset($2::jsonb) AS r(group_key text, incident_at timestamptz, resolved_at timestamptz, reason text,
         evidence jsonb)
      WHERE i.project_id = $1 AND i.group_key = r.group_key AND i.incident_at = r.incident_at`,
    [project, JSON.stringify(rows)],
  );
}
