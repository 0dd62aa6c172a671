-- Who may send, who sends, and what our own processes did.

-- hash: SHA-256 of the token, which is stored nowhere. use: what it is good for. Limits are of each ingest process; NULL is none.
CREATE TABLE "token" (
    "project_id" SMALLINT NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "use" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "hint" TEXT NOT NULL,
    "records_per_second" INTEGER,
    "bytes_per_second" INTEGER,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "token_pkey" PRIMARY KEY ("project_id", "id")
);
CREATE INDEX "token_hash_idx" ON "token"("hash");
CREATE UNIQUE INDEX "token_project_id_name_key" ON "token"("project_id", "name") WHERE "revoked_at" IS NULL;

-- Senders as ingest last heard them. instance, token: '' is none. skew_ms: how far their clock is ahead; NULL is not measured.
CREATE TABLE "sender" (
    "project_id" SMALLINT NOT NULL,
    "proxy" TEXT NOT NULL,
    "instance" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "heard_at" TIMESTAMPTZ(3) NOT NULL,
    "skew_ms" INTEGER,
    "skew_at" TIMESTAMPTZ(3),
    CONSTRAINT "sender_pkey" PRIMARY KEY ("project_id", "proxy", "instance", "token", "address")
);
CREATE INDEX "sender_heard_at_idx" ON "sender"("heard_at");

-- The processes of this installation as they last told of themselves. gauges: series → value.
CREATE TABLE "process" (
    "id" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,
    "gauges" JSONB NOT NULL,
    CONSTRAINT "process_pkey" PRIMARY KEY ("id")
);

-- One row a minute and process. counters: what each series grew by; gauges: the most it was; histograms: counts per bucket.
CREATE TABLE "process_minute" (
    "minute" TIMESTAMPTZ NOT NULL,
    "process_id" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "counters" JSONB NOT NULL,
    "gauges" JSONB NOT NULL,
    "histograms" JSONB NOT NULL
) PARTITION BY RANGE ("minute");
CREATE INDEX "process_minute_minute_idx" ON "process_minute" ("minute");
