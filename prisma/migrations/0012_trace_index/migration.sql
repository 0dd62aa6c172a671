-- From a trace to its blocks: sorted runs that are merged in the background (docs/decisions/0025-trace-index.md), in
-- the place of a btree that every commit wrote to at random. Their bytes are those of lib/core/trace-entries.ts and
-- lib/core/trace-page.ts. No unique constraint stands on them, and all carry their project, as the telemetry of 0001.

DROP TABLE "trace_block";
DROP INDEX IF EXISTS "exchange_trace_hash_idx";

-- The traces of one block, until they are merged.
CREATE TABLE "trace_batch" (
    "received_at" TIMESTAMPTZ NOT NULL,
    "block_id" BIGINT NOT NULL,
    "project_id" SMALLINT NOT NULL,
    "entries" BYTEA NOT NULL
) PARTITION BY RANGE ("received_at");
ALTER TABLE "trace_batch" ALTER COLUMN "entries" SET STORAGE EXTERNAL;

-- What was merged of the blocks received on one day. level: how often; 15 for a day that is over, of which the pages
-- stand in trace_day_page.
CREATE SEQUENCE "trace_run_seq";
CREATE TABLE "trace_run" (
    "day" TIMESTAMPTZ NOT NULL,
    "id" BIGINT NOT NULL,
    "entries" BIGINT NOT NULL,
    "last_block_id" BIGINT NOT NULL,
    "project_id" SMALLINT NOT NULL,
    "level" SMALLINT NOT NULL
);

-- Pages of runs that will be merged again: their room is used again too, and given back when the day is over.
CREATE TABLE "trace_run_page" (
    "day" TIMESTAMPTZ NOT NULL,
    "run_id" BIGINT NOT NULL,
    "first_fingerprint" BIGINT NOT NULL,
    "project_id" SMALLINT NOT NULL,
    "entries" BYTEA NOT NULL
) PARTITION BY RANGE ("day");
ALTER TABLE "trace_run_page" ALTER COLUMN "entries" SET STORAGE EXTERNAL;
CREATE INDEX "trace_run_page_run_idx" ON "trace_run_page" ("run_id", "first_fingerprint");

-- Pages of days that are over.
CREATE TABLE "trace_day_page" (LIKE "trace_run_page" INCLUDING STORAGE) PARTITION BY RANGE ("day");
CREATE INDEX "trace_day_page_run_idx" ON "trace_day_page" ("run_id", "first_fingerprint");
