-- Small blocks of quiet hours become one (docs/decisions/0032-merged-blocks.md).
-- members: which blocks became this one, and where each begins (lib/core/block-members.ts); NULL for a block as it was
-- received. id, last_id: the first and the last of them.
ALTER TABLE "block" ADD COLUMN "last_id" BIGINT;
ALTER TABLE "block" ADD COLUMN "members" BYTEA;
CREATE INDEX "block_last_id_idx" ON "block" ("last_id") WHERE "last_id" IS NOT NULL;
-- Blocks that are still to be merged; a busy hour has none.
CREATE INDEX "block_small_idx" ON "block" ("id") WHERE "last_id" IS NULL AND "raw_bytes" < 262144;
