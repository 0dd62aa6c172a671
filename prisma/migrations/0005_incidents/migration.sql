-- Incidents: one stretch in which an alert fired, with what was known of it, readable long after the alert is forgotten.

-- incident_at: when its condition began to hold, as in alert_transition. values: as they were when it fired.
-- exchanges: the worst ones behind it, found when it fired. ended_because: null while it fires.
CREATE TABLE "alert_incident" (
    "project_id" SMALLINT NOT NULL,
    "group_key" TEXT NOT NULL,
    "incident_at" TIMESTAMPTZ(3) NOT NULL,
    "rule_key" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "labels" JSONB NOT NULL,
    "annotations" JSONB NOT NULL,
    "values" JSONB NOT NULL,
    "evidence" JSONB NOT NULL,
    "exchanges" JSONB NOT NULL,
    "fired_at" TIMESTAMPTZ(3) NOT NULL,
    "resolved_at" TIMESTAMPTZ(3),
    "ended_because" TEXT,
    "acknowledged_at" TIMESTAMPTZ(3),
    "acknowledged_by" TEXT,
    CONSTRAINT "alert_incident_pkey" PRIMARY KEY ("project_id", "group_key", "incident_at")
);
CREATE INDEX "alert_incident_project_id_fired_at_group_key_idx" ON "alert_incident"("project_id", "fired_at", "group_key");
CREATE INDEX "alert_incident_project_id_resolved_at_idx" ON "alert_incident"("project_id", "resolved_at");

-- Which incident a note was written beside; null in older notes, which are told apart by their time.
ALTER TABLE "alert_note" ADD COLUMN "incident_at" TIMESTAMPTZ(3);

-- What was told before this table was there, as far as it was written down.
INSERT INTO "alert_incident" (project_id, group_key, incident_at, rule_key, fingerprint, severity, labels, annotations, "values",
    evidence, exchanges, fired_at, resolved_at, ended_because, acknowledged_at, acknowledged_by)
SELECT fired.project_id, fired.group_key, fired.incident_at, fired.rule_key, split_part(fired.group_key, '/', 2),
       coalesce(fired.labels ->> 'severity', 'info'), fired.labels, coalesce(known.annotations, '{}'), fired."values", '[]', '[]',
       fired.at, ended.at, ended.reason, known.acknowledged_at, known.acknowledged_by
  FROM alert_transition AS fired
  LEFT JOIN LATERAL (SELECT at, reason FROM alert_transition AS later
    WHERE later.project_id = fired.project_id AND later.group_key = fired.group_key AND later.incident_at = fired.incident_at
      AND later.state = 'resolved' ORDER BY later.transition_seq LIMIT 1) AS ended ON true
  LEFT JOIN alert_state AS known
    ON known.project_id = fired.project_id AND known.group_key = fired.group_key AND known.active_at = fired.incident_at
 WHERE fired.state = 'firing' AND fired.state_before <> 'recovering'
ON CONFLICT DO NOTHING;

-- What was said is forgotten long before that it was said: finds the messages that are still whole.
CREATE INDEX "delivery_whole_idx" ON "delivery"("finished_at") WHERE "message" ? 'version';
