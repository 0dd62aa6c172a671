-- Exchanges and attempts as columns of many records instead of rows (docs/decisions/0027-segments.md).
DROP TABLE "exchange";
DROP TABLE "attempt";

-- The exchanges and attempts of one block that began in the same hour; some of them where there are very many.
-- part: tells the segments of a block apart. first_at, last_at: between which its records began, both included.
-- proxy_ids, upstream_ids: of which proxies and upstreams there are records, so that others need not be read.
-- traces, exchange_columns, attempt_columns: lib/core/segment.ts, the columns compressed (lib/db/segment-bytes.ts).
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
    "proxy_ids" INTEGER[] NOT NULL,
    "upstream_ids" INTEGER[] NOT NULL,
    "traces" BYTEA NOT NULL,
    "exchange_columns" BYTEA NOT NULL,
    "attempt_columns" BYTEA NOT NULL
) PARTITION BY RANGE ("first_at");
ALTER TABLE "segment" ALTER COLUMN "traces" SET STORAGE EXTERNAL;
ALTER TABLE "segment" ALTER COLUMN "exchange_columns" SET STORAGE EXTERNAL;
ALTER TABLE "segment" ALTER COLUMN "attempt_columns" SET STORAGE EXTERNAL;
-- Segments are no longer than an hour, so that those of a window end within it or in the hour behind it.
CREATE INDEX "segment_last_at_idx" ON "segment" ("last_at", "block_id", "part");
