-- thread: what the receiver calls the conversation about a group, such as the key of an issue.
ALTER TABLE "notification_log" ADD COLUMN "thread" TEXT;

-- former: the routes no longer bring the alert here; receivers that were told of it are told of its end.
ALTER TABLE "notification_group_alert" ADD COLUMN "former" BOOLEAN NOT NULL DEFAULT false;

-- removed_at: since when it is only told the end of what it was told; null while it is in use.
ALTER TABLE "channel" ADD COLUMN "removed_at" TIMESTAMPTZ(3);
