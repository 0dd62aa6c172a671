-- Channels, routes, and the way of an alert from the outbox to a receiver.

-- settings: without secrets. sealed: the secrets, encrypted. disabled_reason: null while the channel is in use.
CREATE TABLE "channel" (
    "project_id" SMALLINT NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "sealed" BYTEA NOT NULL,
    "hint" TEXT NOT NULL,
    "send_resolved" BOOLEAN NOT NULL DEFAULT true,
    "title_template" TEXT,
    "body_template" TEXT,
    "disabled_reason" TEXT,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "channel_pkey" PRIMARY KEY ("project_id", "id")
);
CREATE UNIQUE INDEX "channel_project_id_name_key" ON "channel"("project_id", "name");

-- The tree of routes and the rules of inhibition, as one document.
CREATE TABLE "notification_policy" (
    "project_id" SMALLINT NOT NULL,
    "policy" JSONB NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "notification_policy_pkey" PRIMARY KEY ("project_id")
);

-- Alerts as the outbox last told them. version: the outbox row, so that a change between two looks is seen.
CREATE TABLE "notification_alert" (
    "project_id" SMALLINT NOT NULL,
    "alert_key" TEXT NOT NULL,
    "version" BIGINT NOT NULL,
    "status" TEXT NOT NULL,
    "alert" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "notification_alert_pkey" PRIMARY KEY ("project_id", "alert_key")
);

-- Alerts that are told together. id: hash of the group key. flush_at: when it is looked at next.
CREATE TABLE "notification_group" (
    "project_id" SMALLINT NOT NULL,
    "id" TEXT NOT NULL,
    "group_key" TEXT NOT NULL,
    "route_key" TEXT NOT NULL,
    "group_labels" JSONB NOT NULL,
    "flushes" INTEGER NOT NULL DEFAULT 0,
    "flush_at" TIMESTAMPTZ(3) NOT NULL,
    "flushed_at" TIMESTAMPTZ(3),
    CONSTRAINT "notification_group_pkey" PRIMARY KEY ("project_id", "id")
);
CREATE INDEX "notification_group_flush_at_idx" ON "notification_group"("flush_at");

CREATE TABLE "notification_group_alert" (
    "project_id" SMALLINT NOT NULL,
    "group_id" TEXT NOT NULL,
    "alert_key" TEXT NOT NULL,
    CONSTRAINT "notification_group_alert_pkey" PRIMARY KEY ("project_id", "group_id", "alert_key"),
    CONSTRAINT "notification_group_alert_group_fkey" FOREIGN KEY ("project_id", "group_id") REFERENCES "notification_group"("project_id", "id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "notification_group_alert_alert_key_idx" ON "notification_group_alert"("project_id", "alert_key");

-- What each channel was last told of a group, written when it took the message.
CREATE TABLE "notification_log" (
    "project_id" SMALLINT NOT NULL,
    "group_id" TEXT NOT NULL,
    "channel_id" UUID NOT NULL,
    "firing" TEXT[] NOT NULL,
    "resolved" TEXT[] NOT NULL,
    "sent_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "notification_log_pkey" PRIMARY KEY ("project_id", "group_id", "channel_id")
);
CREATE INDEX "notification_log_expires_at_idx" ON "notification_log"("expires_at");

-- One message to one channel. id: also the webhook-id, the same over all attempts. kind: alert, test, resend.
-- state: pending, delivered, failed, superseded. lease_until: while an attempt is under way.
CREATE TABLE "delivery" (
    "project_id" SMALLINT NOT NULL,
    "id" UUID NOT NULL,
    "channel_id" UUID NOT NULL,
    "channel_name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "group_id" TEXT,
    "group_key" TEXT NOT NULL,
    "flush" INTEGER NOT NULL DEFAULT 0,
    "reason" TEXT NOT NULL,
    "message" JSONB NOT NULL,
    "members" JSONB NOT NULL,
    "repeat_interval_ms" BIGINT NOT NULL,
    "state" TEXT NOT NULL,
    "problem" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "lease_until" TIMESTAMPTZ(3),
    "lease" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    CONSTRAINT "delivery_pkey" PRIMARY KEY ("project_id", "id")
);
CREATE INDEX "delivery_project_id_created_at_idx" ON "delivery"("project_id", "created_at");
CREATE INDEX "delivery_project_id_channel_id_created_at_idx" ON "delivery"("project_id", "channel_id", "created_at");
CREATE INDEX "delivery_due_idx" ON "delivery"("next_attempt_at") WHERE "state" = 'pending';
CREATE UNIQUE INDEX "delivery_open_key" ON "delivery"("project_id", "group_id", "channel_id") WHERE "state" = 'pending' AND "kind" = 'alert';

-- Every attempt, written before it is made: one without an outcome was cut short with its worker.
CREATE TABLE "delivery_attempt" (
    "project_id" SMALLINT NOT NULL,
    "delivery_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "latency_ms" INTEGER,
    "outcome" TEXT,
    "reason" TEXT,
    "exchanges" JSONB NOT NULL DEFAULT '[]',
    "next_attempt_at" TIMESTAMPTZ(3),
    CONSTRAINT "delivery_attempt_pkey" PRIMARY KEY ("project_id", "delivery_id", "number"),
    CONSTRAINT "delivery_attempt_delivery_fkey" FOREIGN KEY ("project_id", "delivery_id") REFERENCES "delivery"("project_id", "id") ON DELETE CASCADE ON UPDATE CASCADE
);
