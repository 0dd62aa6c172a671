import type { ClientBase } from "pg";

import type { AlertMemory, AlertState } from "#lib/core/alert.ts";
import type { Labels } from "#lib/core/fingerprint.ts";
import type { Database } from "#lib/db/open.ts";

import { writeIncidents, type IncidentFacts } from "./incidents.ts";

/** An alert as it is stored between evaluations. */
export interface StoredAlert {
  readonly groupKey: string;
  readonly ruleKey: string;
  readonly fingerprint: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** What the contract calls alert values. */
  readonly values: unknown;
  readonly memory: AlertMemory;
  readonly transitionSeq: number;
}

/** A change of state to be written, with what notification has to hear of it. */
export interface StoredTransition {
  readonly groupKey: string;
  readonly transitionSeq: number;
  readonly ruleKey: string;
  readonly incidentAtMs: number;
  readonly atMs: number;
  readonly before: AlertState;
  readonly state: AlertState;
  readonly outcome: string;
  readonly reason: string;
  readonly labels: Labels;
  readonly values: unknown;
  /** What begins or ends with it: the alert event for those who are told, and what is kept; null where neither does. */
  readonly told: { readonly event: unknown; readonly incident: IncidentFacts } | null;
}

/** What one round changes. */
export interface AlertRound {
  readonly kept: readonly (StoredAlert & { readonly begins: boolean })[];
  readonly forgotten: readonly string[];
  readonly transitions: readonly StoredTransition[];
}

/** Every alert that is not inactive. */
export async function loadAlerts(db: Database, project: number): Promise<StoredAlert[]> {
  const answer = await db.pool.query<AlertRow>(
    `SELECT group_key, rule_key, fingerprint, state, outcome, labels, annotations, "values", transition_seq,
            ${timeColumns.map((column) => `(extract(epoch FROM ${column}) * 1000)::float8 AS ${column}`).join(", ")}
       FROM alert_state WHERE project_id = $1`,
    [project],
  );
  return answer.rows.map(alertOf);
}

/** The number of the last transition of each alert that ever had one. */
export async function lastTransitions(
  db: Database,
  project: number,
  groupKeys: readonly string[],
): Promise<Map<string, number>> {
  if (groupKeys.length === 0) return new Map();
  const answer = await db.pool.query<{ group_key: string; seq: string }>(
    `SELECT group_key, max(transition_seq) AS seq FROM alert_transition
      WHERE project_id = $1 AND group_key = ANY ($2) GROUP BY group_key`,
    [project, groupKeys],
  );
  return new Map(answer.rows.map((row) => [row.group_key, Number(row.seq)]));
}

/**
 * Writes a round inside the caller's transaction: states, transitions, incidents, and the outbox rows of those that are told.
 * A transition that another worker has written already makes it fail, and with it the whole round.
 */
export async function writeRound(
  client: ClientBase,
  project: number,
  round: AlertRound,
): Promise<void> {
  const { kept, forgotten, transitions } = round;
  if (transitions.length > 0) await insertTransitions(client, project, transitions);
  await writeIncidents(
    client,
    project,
    transitions.flatMap((one) =>
      one.told === null ? [] : [{ ...one, incident: one.told.incident }],
    ),
  );
  if (kept.length > 0) await upsertStates(client, project, kept);
  if (forgotten.length > 0) {
    await client.query("DELETE FROM alert_state WHERE project_id = $1 AND group_key = ANY ($2)", [
      project,
      forgotten,
    ]);
  }
}

const timeColumns = [
  "active_at",
  "fired_at",
  "recovering_at",
  "resolved_at",
  "unknown_at",
  "evaluated_at",
] as const;

interface AlertRow extends Record<(typeof timeColumns)[number], number | null> {
  readonly group_key: string;
  readonly rule_key: string;
  readonly fingerprint: string;
  readonly state: AlertMemory["state"];
  readonly outcome: AlertMemory["outcome"];
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly values: unknown;
  readonly transition_seq: string;
}

function alertOf(row: AlertRow): StoredAlert {
  return {
    groupKey: row.group_key,
    ruleKey: row.rule_key,
    fingerprint: row.fingerprint,
    labels: row.labels,
    annotations: row.annotations,
    values: row.values,
    transitionSeq: Number(row.transition_seq),
    memory: {
      state: row.state,
      outcome: row.outcome,
      activeAtMs: row.active_at ?? 0,
      firedAtMs: row.fired_at,
      recoveringAtMs: row.recovering_at,
      resolvedAtMs: row.resolved_at,
      unknownAtMs: row.unknown_at,
      evaluatedAtMs: row.evaluated_at ?? 0,
    },
  };
}

async function insertTransitions(
  client: ClientBase,
  project: number,
  transitions: readonly StoredTransition[],
): Promise<void> {
  const rows = transitions.map((one) => ({
    group_key: one.groupKey,
    transition_seq: one.transitionSeq,
    rule_key: one.ruleKey,
    incident_at: timeOf(one.incidentAtMs),
    at: timeOf(one.atMs),
    state_before: one.before,
    state: one.state,
    outcome: one.outcome,
    reason: one.reason,
    labels: one.labels,
    values: one.values,
  }));
  await client.query(
    `INSERT INTO alert_transition (project_id, group_key, transition_seq, rule_key, incident_at, at, state_before, state, outcome, reason, labels, "values")
     SELECT $1, r.* FROM jsonb_to_recordset($2::jsonb) AS r(group_key text, transition_seq bigint, rule_key text, incident_at timestamptz,
       at timestamptz, state_before text, state text, outcome text, reason text, labels jsonb, "values" jsonb)`,
    [project, JSON.stringify(rows)],
  );
  const told = transitions.flatMap(({ groupKey, transitionSeq, told: one }) =>
    one === null
      ? []
      : [{ group_key: groupKey, transition_seq: transitionSeq, payload: one.event }],
  );
  if (told.length === 0) return;
  await client.query(
    `INSERT INTO notification_outbox (project_id, group_key, transition_seq, payload)
     SELECT $1, r.* FROM jsonb_to_recordset($2::jsonb) AS r(group_key text, transition_seq bigint, payload jsonb)`,
    [project, JSON.stringify(told)],
  );
}

async function upsertStates(
  client: ClientBase,
  project: number,
  kept: AlertRound["kept"],
): Promise<void> {
  const rows = kept.map((alert) => ({
    group_key: alert.groupKey,
    rule_key: alert.ruleKey,
    fingerprint: alert.fingerprint,
    state: alert.memory.state,
    outcome: alert.memory.outcome,
    labels: alert.labels,
    annotations: alert.annotations,
    values: alert.values,
    active_at: timeOf(alert.memory.activeAtMs),
    fired_at: timeOf(alert.memory.firedAtMs),
    recovering_at: timeOf(alert.memory.recoveringAtMs),
    resolved_at: timeOf(alert.memory.resolvedAtMs),
    unknown_at: timeOf(alert.memory.unknownAtMs),
    evaluated_at: timeOf(alert.memory.evaluatedAtMs),
    transition_seq: alert.transitionSeq,
    begins: alert.begins,
  }));
  // An acknowledgment belongs to one incident. A worker that lags behind never overwrites what came later.
  await client.query(
    `INSERT INTO alert_state AS known (project_id, group_key, rule_key, fingerprint, state, outcome, labels, annotations, "values",
       active_at, fired_at, recovering_at, resolved_at, unknown_at, evaluated_at, transition_seq, acknowledged_at, acknowledged_by)
     SELECT $1, r.group_key, r.rule_key, r.fingerprint, r.state, r.outcome, r.labels, r.annotations, r."values",
       r.active_at, r.fired_at, r.recovering_at, r.resolved_at, r.unknown_at, r.evaluated_at, r.transition_seq,
       CASE WHEN r.begins THEN NULL ELSE before.acknowledged_at END, CASE WHEN r.begins THEN NULL ELSE before.acknowledged_by END
       FROM jsonb_to_recordset($2::jsonb) AS r(group_key text, rule_key text, fingerprint text, state text, outcome text, labels jsonb,
         annotations jsonb, "values" jsonb, active_at timestamptz, fired_at timestamptz, recovering_at timestamptz, resolved_at timestamptz,
         unknown_at timestamptz, evaluated_at timestamptz, transition_seq bigint, begins boolean)
       LEFT JOIN alert_state before ON before.project_id = $1 AND before.group_key = r.group_key
     ON CONFLICT (project_id, group_key) DO UPDATE SET
       state = excluded.state, outcome = excluded.outcome, labels = excluded.labels, annotations = excluded.annotations,
       "values" = excluded."values", active_at = excluded.active_at, fired_at = excluded.fired_at,
       recovering_at = excluded.recovering_at, resolved_at = excluded.resolved_at, unknown_at = excluded.unknown_at,
       evaluated_at = excluded.evaluated_at, transition_seq = excluded.transition_seq,
       acknowledged_at = excluded.acknowledged_at, acknowledged_by = excluded.acknowledged_by
     WHERE known.transition_seq <= excluded.transition_seq`,
    [project, JSON.stringify(rows)],
  );
}

function timeOf(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
