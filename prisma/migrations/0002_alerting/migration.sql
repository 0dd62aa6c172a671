-- Rules, alerts, SLOs and silences.

-- Rules that somebody wrote or changed; ready-made rules without a row are in force as the code has them.
-- origin: own, ready-made (a changed default), file.
CREATE TABLE "alert_rule" (
    "project_id" SMALLINT NOT NULL,
    "key" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "file" TEXT,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "definition" JSONB NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "alert_rule_pkey" PRIMARY KEY ("project_id", "key")
);

-- Files with rules: what was last read, and why the newest content is refused where it is.
CREATE TABLE "rule_file" (
    "project_id" SMALLINT NOT NULL,
    "path" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "problem" TEXT,
    "line" INTEGER,
    "read_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "rule_file_pkey" PRIMARY KEY ("project_id", "path")
);

-- Where every alert stands that is not inactive. group_key: rule and fingerprint, one alert instance.
-- transition_seq: of the last transition; whoever writes the next one names it, so that two workers cannot both.
CREATE TABLE "alert_state" (
    "project_id" SMALLINT NOT NULL,
    "group_key" TEXT NOT NULL,
    "rule_key" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "labels" JSONB NOT NULL,
    "annotations" JSONB NOT NULL,
    "values" JSONB NOT NULL,
    "active_at" TIMESTAMPTZ(3) NOT NULL,
    "fired_at" TIMESTAMPTZ(3),
    "recovering_at" TIMESTAMPTZ(3),
    "resolved_at" TIMESTAMPTZ(3),
    "unknown_at" TIMESTAMPTZ(3),
    "evaluated_at" TIMESTAMPTZ(3) NOT NULL,
    "transition_seq" BIGINT NOT NULL,
    "acknowledged_at" TIMESTAMPTZ(3),
    "acknowledged_by" TEXT,
    CONSTRAINT "alert_state_pkey" PRIMARY KEY ("project_id", "group_key")
);
CREATE INDEX "alert_state_project_id_rule_key_idx" ON "alert_state"("project_id", "rule_key");

-- Every change of state, for timelines. incident_at: when the alert it belongs to became active.
CREATE TABLE "alert_transition" (
    "project_id" SMALLINT NOT NULL,
    "group_key" TEXT NOT NULL,
    "transition_seq" BIGINT NOT NULL,
    "rule_key" TEXT NOT NULL,
    "incident_at" TIMESTAMPTZ(3) NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "state_before" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "labels" JSONB NOT NULL,
    "values" JSONB NOT NULL,
    CONSTRAINT "alert_transition_pkey" PRIMARY KEY ("project_id", "group_key", "transition_seq")
);
CREATE INDEX "alert_transition_project_id_at_idx" ON "alert_transition"("project_id", "at");

-- What people wrote beside an incident. kind: acknowledged, comment.
CREATE TABLE "alert_note" (
    "project_id" SMALLINT NOT NULL,
    "id" BIGINT GENERATED ALWAYS AS IDENTITY,
    "group_key" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    CONSTRAINT "alert_note_pkey" PRIMARY KEY ("project_id", "id")
);
CREATE INDEX "alert_note_project_id_group_key_idx" ON "alert_note"("project_id", "group_key");

-- The last evaluation of all rules. problems: rule key and sentence of those that could not be evaluated.
CREATE TABLE "alert_evaluation" (
    "project_id" SMALLINT NOT NULL,
    "evaluated_at" TIMESTAMPTZ(3) NOT NULL,
    "took_ms" INTEGER NOT NULL,
    "rules" INTEGER NOT NULL,
    "instances" INTEGER NOT NULL,
    "problems" JSONB NOT NULL,
    CONSTRAINT "alert_evaluation_pkey" PRIMARY KEY ("project_id")
);

-- Alerts that fired or resolved and that notification has to hear of: written in the transaction that changes the state.
CREATE TABLE "notification_outbox" (
    "project_id" SMALLINT NOT NULL,
    "id" BIGINT GENERATED ALWAYS AS IDENTITY,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "group_key" TEXT NOT NULL,
    "transition_seq" BIGINT NOT NULL,
    "payload" JSONB NOT NULL,
    CONSTRAINT "notification_outbox_pkey" PRIMARY KEY ("project_id", "id")
);
CREATE UNIQUE INDEX "notification_outbox_project_id_group_key_transition_seq_key" ON "notification_outbox"("project_id", "group_key", "transition_seq");

CREATE TABLE "slo" (
    "project_id" SMALLINT NOT NULL,
    "key" TEXT NOT NULL,
    "definition" JSONB NOT NULL,
    "budget_state" TEXT NOT NULL DEFAULT 'healthy',
    "revision" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "slo_pkey" PRIMARY KEY ("project_id", "key")
);

-- Stretches of time that an objective does not count: good and bad events alike.
CREATE TABLE "slo_correction" (
    "project_id" SMALLINT NOT NULL,
    "id" BIGINT GENERATED ALWAYS AS IDENTITY,
    "slo_key" TEXT NOT NULL,
    "from_at" TIMESTAMPTZ(3) NOT NULL,
    "to_at" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "slo_correction_pkey" PRIMARY KEY ("project_id", "id"),
    CONSTRAINT "slo_correction_project_id_slo_key_fkey" FOREIGN KEY ("project_id", "slo_key") REFERENCES "slo"("project_id", "key") ON DELETE CASCADE ON UPDATE CASCADE
);

-- Mutes notifications of matching alerts, never their state. An expired silence stays, with its end moved.
CREATE TABLE "silence" (
    "project_id" SMALLINT NOT NULL,
    "id" UUID NOT NULL,
    "matchers" JSONB NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "author" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "silence_pkey" PRIMARY KEY ("project_id", "id")
);
CREATE INDEX "silence_project_id_ends_at_idx" ON "silence"("project_id", "ends_at");
