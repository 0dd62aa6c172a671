-- Blocks and segments of each kind of telemetry in tables of their own, by day, so that each is kept for its own time and
-- dropped whole (docs/decisions/0030-retention-by-signal.md). Blocks from before can no longer be found: the index of traces
-- and the narrow rows that led to them went with migrations 0012 and 0013.
DROP TABLE "block";
CREATE TABLE "block" (
    "received_at" TIMESTAMPTZ NOT NULL,
    "id" BIGINT NOT NULL,
    "records" INTEGER NOT NULL,
    "raw_bytes" INTEGER NOT NULL,
    "project_id" SMALLINT NOT NULL,
    "signal" TEXT NOT NULL,
    "stream" JSONB,
    "payload" BYTEA NOT NULL
) PARTITION BY LIST ("signal");
ALTER TABLE "block" ALTER COLUMN "payload" SET STORAGE EXTERNAL;
CREATE INDEX "block_id_idx" ON "block" ("id");
CREATE TABLE "block_traces" PARTITION OF "block" FOR VALUES IN ('traces') PARTITION BY RANGE ("received_at");
CREATE TABLE "block_access_logs" PARTITION OF "block" FOR VALUES IN ('access-logs', 'logs') PARTITION BY RANGE ("received_at");
CREATE TABLE "block_metrics" PARTITION OF "block" FOR VALUES IN ('metrics') PARTITION BY RANGE ("received_at");

-- source: 1 spans, 2 logs; all records of a block have the same.
DROP TABLE "segment";
CREATE TABLE "segment" (
    "first_at" TIMESTAMPTZ NOT NULL,
    "last_at" TIMESTAMPTZ NOT NULL,
    "block_id" BIGINT NOT NULL,
    "part" INTEGER NOT NULL,
    "exchanges" INTEGER NOT NULL,
    "failed_exchanges" INTEGER NOT NULL,
    "attempts" INTEGER NOT NULL,
    "failed_attempts" INTEGER NOT NULL,
    "project_id" SMALLINT NOT NULL,
    "source" SMALLINT NOT NULL,
    "proxy_ids" INTEGER[] NOT NULL,
    "upstream_ids" INTEGER[] NOT NULL,
    "traces" BYTEA NOT NULL,
    "exchange_columns" BYTEA NOT NULL,
    "attempt_columns" BYTEA NOT NULL
) PARTITION BY LIST ("source");
ALTER TABLE "segment" ALTER COLUMN "traces" SET STORAGE EXTERNAL;
ALTER TABLE "segment" ALTER COLUMN "exchange_columns" SET STORAGE EXTERNAL;
ALTER TABLE "segment" ALTER COLUMN "attempt_columns" SET STORAGE EXTERNAL;
CREATE INDEX "segment_last_at_idx" ON "segment" ("last_at", "block_id", "part");
CREATE TABLE "segment_traces" PARTITION OF "segment" FOR VALUES IN (1) PARTITION BY RANGE ("first_at");
CREATE TABLE "segment_access_logs" PARTITION OF "segment" FOR VALUES IN (2) PARTITION BY RANGE ("first_at");
