-- Small blocks of log lines become one as blocks of records do (0017, docs/decisions/0038-merged-log-blocks.md).
-- received_offsets: of each member, how many milliseconds after received_at it came (lib/core/block-times.ts).
ALTER TABLE "log_block" ADD COLUMN "last_id" BIGINT;
ALTER TABLE "log_block" ADD COLUMN "members" BYTEA;
ALTER TABLE "log_block" ADD COLUMN "received_offsets" BYTEA;
CREATE INDEX "log_block_last_id_idx" ON "log_block" ("last_id") WHERE "last_id" IS NOT NULL;
CREATE INDEX "log_block_small_idx" ON "log_block" ("id") WHERE "last_id" IS NULL AND "raw_bytes" < 262144;

-- Blocks of both kinds that could not be merged, and why; they are left alone until then.
CREATE TABLE "block_aside" (
    "block_id" BIGINT NOT NULL PRIMARY KEY,
    "project_id" SMALLINT NOT NULL,
    "retry_at" TIMESTAMPTZ NOT NULL,
    "reason" TEXT NOT NULL
);
