import { alertValue } from "#lib/contract/alert-event.ts";
import type { AlertAnswer, AlertItem, TimelineItem } from "#lib/contract/alerts.ts";
import type { IncidentDetail } from "#lib/contract/incidents.ts";
import { matcher } from "#lib/contract/silences.ts";
import type { Labels } from "#lib/core/fingerprint.ts";
import type { Database } from "#lib/db/open.ts";
import { matchesAll } from "#lib/notify/matchers.ts";
import { queryKeptBlocks } from "#lib/query/blocks.ts";
import { queryDeliveries } from "#lib/query/deliveries.ts";
import { queryIncident, queryIncidentsOf, type StoredIncident } from "#lib/query/incidents.ts";
import { loadIncidentTimes, loadNotes, loadTransitions } from "#lib/store/alert-timeline.ts";
import { loadSilencesBetween } from "#lib/store/silences.ts";

import { readAlerts } from "./read-alerts.ts";

/** How many incidents of the same alert are told beside the one that is asked for. */
const incidentsMax = 20;
const deliveriesMax = 100;

interface AlertQuestion {
  readonly rule: string;
  readonly fingerprint: string;
  /** When the incident began; the last one without it. */
  readonly incident?: string | undefined;
  readonly telemetryKeptDays: number;
}

/** One incident of an alert with everything that happened to it; null when there was none. */
export async function readAlert(
  db: Database,
  project: number,
  { rule, fingerprint, incident: asked, telemetryKeptDays }: AlertQuestion,
  nowMs: number,
): Promise<AlertAnswer | null> {
  const groupKey = `${rule}/${fingerprint}`;
  const askedMs = asked === undefined ? null : Date.parse(asked);
  const { lastMs, nextMs } = await loadIncidentTimes(db, project, groupKey, askedMs);
  const atMs = askedMs ?? lastMs;
  if (atMs === null) return null;
  const [alerts, transitions, stored, incidents] = await Promise.all([
    atMs === lastMs ? readAlerts(db, project, { rule }, nowMs) : [],
    loadTransitions(db, project, groupKey, atMs),
    queryIncident(db, project, groupKey, atMs),
    queryIncidentsOf(db, project, groupKey, incidentsMax),
  ]);
  if (transitions.length === 0 && stored === null) return null;
  const alert = alerts.find((one) => one.groupKey === groupKey) ?? null;
  const stretch = { groupKey, atMs, nextMs };
  const told = await Promise.all([
    notesOf(db, project, stretch),
    notificationsOf(db, project, stretch),
    silencesOf(db, project, stretchOf(alert, stored, nowMs)),
  ]);
  const changes = transitions.map((one): TimelineItem => ({
    kind: "transition",
    at: timeText(one.atMs),
    from: one.before,
    to: one.state,
    reason: one.reason,
    values: alertValue.array().catch([]).parse(one.values),
    incidentAt: timeText(one.incidentAtMs),
  }));
  return {
    alert,
    incident: stored === null ? null : await withKept(db, project, stored),
    timeline: [...changes, ...told.flat()].toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at)),
    incidents,
    telemetryKeptDays,
  };
}

/** One incident's time: until the next of its alert begins, what is said of the alert is said of it. */
interface Stretch {
  readonly groupKey: string;
  readonly atMs: number;
  readonly nextMs: number | null;
}

async function notesOf(db: Database, project: number, stretch: Stretch): Promise<TimelineItem[]> {
  const notes = await loadNotes(db, project, stretch.groupKey, stretch);
  return notes.map(({ atMs, ...note }) => ({ ...note, at: timeText(atMs) }));
}

async function notificationsOf(
  db: Database,
  project: number,
  { groupKey, atMs, nextMs }: Stretch,
): Promise<TimelineItem[]> {
  const deliveries = await queryDeliveries(db, project, {
    alert: groupKey,
    since: timeText(atMs),
    before: nextMs === null ? undefined : timeText(nextMs),
    limit: deliveriesMax,
  });
  return deliveries.map((delivery) => ({
    kind: "notification",
    at: delivery.finishedAt ?? delivery.createdAt,
    delivery,
  }));
}

interface Silenceable {
  readonly labels: Labels;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What silences are held against: the labels of the incident, for as long as it lasted. */
function stretchOf(
  alert: AlertItem | null,
  incident: StoredIncident | null,
  nowMs: number,
): Silenceable | null {
  const known = incident ?? alert;
  if (known === null) return null;
  const { labels, activeAt, resolvedAt } = known;
  return {
    labels,
    fromMs: Date.parse(activeAt),
    toMs: resolvedAt === null ? nowMs : Date.parse(resolvedAt),
  };
}

async function silencesOf(
  db: Database,
  project: number,
  stretch: Silenceable | null,
): Promise<TimelineItem[]> {
  if (stretch === null) return [];
  const { labels, fromMs, toMs } = stretch;
  const silences = await loadSilencesBetween(db, project, fromMs, toMs);
  return silences
    .filter(({ matchers }) => matchesAll(matcher.array().parse(matchers), { ...labels }))
    .map(({ id, startsAtMs, endsAtMs, author, reason }) => ({
      kind: "silence",
      at: timeText(Math.max(startsAtMs, fromMs)),
      id,
      endsAt: timeText(endsAtMs),
      author,
      reason,
    }));
}

/** The incident, with which of its exchanges can still be opened. */
async function withKept(
  db: Database,
  project: number,
  incident: StoredIncident,
): Promise<IncidentDetail> {
  const kept = await queryKeptBlocks(
    db,
    project,
    incident.exchanges.flatMap(({ path }) => blockOf(path) ?? []),
  );
  return {
    ...incident,
    exchanges: incident.exchanges.map((one) => ({
      ...one,
      kept: kept.has(blockOf(one.path) ?? -1),
    })),
  };
}

/** The block that the page of an exchange reads; null where the path names none. */
function blockOf(path: string): number | null {
  const id = /^\/exchanges\/(\d{1,16})-\d+$/.exec(path)?.[1];
  return id === undefined ? null : Number(id);
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
