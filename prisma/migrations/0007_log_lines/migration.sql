-- Lines of logs that are no exchange: narrow rows, and their texts in compressed blocks beside them. Both have a
-- retention of their own, so the blocks are apart from those of traces and access logs.
-- No unique constraint stands on them, and both carry their project, as the telemetry of 0001.

-- NDJSON, zstd: one line of it for each log line (lib/store/log-payload.ts). digests: 20 bytes per request of which
-- nothing stands in "block".
CREATE TABLE "log_block" (
    "received_at" TIMESTAMPTZ NOT NULL,
    "id" BIGINT NOT NULL,
    "records" INTEGER NOT NULL,
    "raw_bytes" INTEGER NOT NULL,
    "project_id" SMALLINT NOT NULL,
    "digests" BYTEA NOT NULL,
    "payload" BYTEA NOT NULL
) PARTITION BY RANGE ("received_at");
ALTER TABLE "log_block" ALTER COLUMN "payload" SET STORAGE EXTERNAL;
CREATE INDEX "log_block_id_idx" ON "log_block" ("id");

-- logged_at: when it happened, or when it came where the line does not say.
-- severity: OpenTelemetry's number, 0 when none was said. kind: 1 unread, 2 record (lib/core/log-line.ts).
-- trace_hash: last 8 bytes of the trace id; 0 is none. instance_id: 0 is none.
CREATE TABLE "log_line" (
    "logged_at" TIMESTAMPTZ NOT NULL,
    "trace_hash" BIGINT NOT NULL,
    "block_id" BIGINT NOT NULL,
    "position" INTEGER NOT NULL,
    "proxy_id" INTEGER NOT NULL,
    "instance_id" INTEGER NOT NULL,
    "project_id" SMALLINT NOT NULL,
    "severity" SMALLINT NOT NULL,
    "kind" SMALLINT NOT NULL
) PARTITION BY RANGE ("logged_at");
CREATE INDEX "log_line_logged_at_idx" ON "log_line" ("logged_at", "block_id", "position");
CREATE INDEX "log_line_proxy_idx" ON "log_line" ("proxy_id", "logged_at");
CREATE INDEX "log_line_severe_idx" ON "log_line" ("logged_at") WHERE "severity" >= 13;
CREATE INDEX "log_line_unread_idx" ON "log_line" ("logged_at") WHERE "kind" = 1;
CREATE INDEX "log_line_trace_hash_idx" ON "log_line" ("trace_hash") WHERE "trace_hash" <> 0;
