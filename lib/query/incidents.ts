import { alertEvidence } from "#lib/contract/alert-event.ts";
import {
  incidentItem,
  type IncidentItem,
  type IncidentsAnswer,
  type IncidentsParams,
} from "#lib/contract/incidents.ts";
import type { Database } from "#lib/db/open.ts";

import type { Scope } from "./scope.ts";

const choicesMax = 200;

/** Incidents of which any moment lies in the window, the last that fired first. */
export async function queryIncidents(
  db: Database,
  { project, window }: Pick<Scope, "project" | "window">,
  params: IncidentsParams,
): Promise<IncidentsAnswer> {
  const range = [project, new Date(window.fromMs), new Date(window.toMs)];
  const { state, severity, rule, proxy, upstream, limit } = params;
  const after = cursorOf(params.after);
  const [page, choices] = await Promise.all([
    db.pool.query<IncidentRow>(
      `SELECT ${columns} FROM alert_incident
        WHERE ${inRange} AND ($4::text IS NULL OR (resolved_at IS NULL) = ($4 = 'open'))
          AND ($5::text IS NULL OR severity = $5) AND ($6::text IS NULL OR rule_key = $6)
          AND ($7::text IS NULL OR labels ->> 'proxy' = $7) AND ($8::text IS NULL OR labels ->> 'upstream' = $8)
          AND ($9::timestamptz IS NULL OR (fired_at, group_key) < ($9, $10::text))
        ORDER BY fired_at DESC, group_key DESC LIMIT $11`,
      [
        ...range,
        ...[state, severity, rule, proxy, upstream].map((wanted) => wanted ?? null),
        after?.firedAt ?? null,
        after?.groupKey ?? null,
        limit + 1,
      ],
    ),
    db.pool.query<ChoiceRow>(
      `SELECT 'rule' AS kind, rule_key AS value, max(labels ->> 'alertname') AS name FROM alert_incident WHERE ${inRange} GROUP BY 2
       UNION ALL SELECT 'proxy', labels ->> 'proxy', NULL FROM alert_incident WHERE ${inRange} AND labels ? 'proxy' GROUP BY 2
       UNION ALL SELECT 'upstream', labels ->> 'upstream', NULL FROM alert_incident WHERE ${inRange} AND labels ? 'upstream' GROUP BY 2
       ORDER BY 1, 2`,
      range,
    ),
  ]);
  const items = page.rows.slice(0, limit).map(incidentOf);
  const last = page.rows.length > limit ? items.at(-1) : undefined;
  return {
    items,
    next: last === undefined ? null : `${Date.parse(last.firedAt)}.${last.groupKey}`,
    choices: choicesOf(choices.rows),
  };
}

/** One incident as it is stored. */
export interface StoredIncident extends IncidentItem {
  readonly evidence: ReturnType<typeof evidenceOf>;
  readonly exchanges: ReturnType<typeof evidenceOf>;
}

/** The incidents of one alert, the last first. */
export async function queryIncidentsOf(
  db: Database,
  project: number,
  groupKey: string,
  limit: number,
): Promise<IncidentItem[]> {
  const answer = await db.pool.query<IncidentRow>(
    `SELECT ${columns} FROM alert_incident WHERE project_id = $1 AND group_key = $2 ORDER BY incident_at DESC LIMIT $3`,
    [project, groupKey, limit],
  );
  return answer.rows.map(incidentOf);
}

/** One incident, by its alert and when its condition began to hold; null when none fired then. */
export async function queryIncident(
  db: Database,
  project: number,
  groupKey: string,
  activeAtMs: number,
): Promise<StoredIncident | null> {
  const answer = await db.pool.query<IncidentRow & { evidence: unknown; exchanges: unknown }>(
    `SELECT ${columns}, evidence, exchanges FROM alert_incident
      WHERE project_id = $1 AND group_key = $2 AND incident_at = $3`,
    [project, groupKey, new Date(activeAtMs)],
  );
  const [row] = answer.rows;
  if (row === undefined) return null;
  const { evidence, exchanges } = row;
  return {
    ...incidentOf(row),
    evidence: evidenceOf(evidence),
    exchanges: evidenceOf(exchanges),
  };
}

const inRange =
  "project_id = $1 AND fired_at < $3 AND (resolved_at >= $2::timestamptz OR resolved_at IS NULL)";

const columns = `group_key AS "groupKey", rule_key AS "ruleKey", fingerprint, severity, labels, annotations, "values",
  incident_at AS "activeAt", fired_at AS "firedAt", resolved_at AS "resolvedAt", ended_because AS "endedBecause",
  acknowledged_at AS "acknowledgedAt", acknowledged_by AS "acknowledgedBy"`;

interface IncidentRow {
  readonly activeAt: Date;
  readonly firedAt: Date;
  readonly resolvedAt: Date | null;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
}

interface ChoiceRow {
  readonly kind: "rule" | "proxy" | "upstream";
  readonly value: string;
  readonly name: string | null;
}

function incidentOf(row: IncidentRow): IncidentItem {
  const { activeAt, firedAt, resolvedAt, acknowledgedAt, acknowledgedBy, ...rest } = row;
  return incidentItem.parse({
    ...rest,
    activeAt: activeAt.toISOString(),
    firedAt: firedAt.toISOString(),
    resolvedAt: resolvedAt?.toISOString() ?? null,
    acknowledged:
      acknowledgedAt === null ? null : { at: acknowledgedAt.toISOString(), by: acknowledgedBy },
  });
}

function evidenceOf(stored: unknown) {
  return alertEvidence.array().parse(stored);
}

function choicesOf(rows: readonly ChoiceRow[]): IncidentsAnswer["choices"] {
  const of = (wanted: ChoiceRow["kind"]) =>
    rows.filter(({ kind }) => kind === wanted).slice(0, choicesMax);
  return {
    rules: of("rule").map(({ value, name }) => ({ key: value, name: name ?? value })),
    proxies: of("proxy").map(({ value }) => value),
    upstreams: of("upstream").map(({ value }) => value),
  };
}

function cursorOf(after: string | undefined): { firedAt: Date; groupKey: string } | null {
  if (after === undefined) return null;
  const dot = after.indexOf(".");
  return { firedAt: new Date(Number(after.slice(0, dot))), groupKey: after.slice(dot + 1) };
}
