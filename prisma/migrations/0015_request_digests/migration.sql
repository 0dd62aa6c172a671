-- One body, sent to two ingest processes, is stored once.

-- Requests that were stored, until their answers are known to have arrived. digest: the first 8 bytes of the request's
-- SHA-1. process: whose answer it was; 0 for a request with a key of its own. at: when it was stored, by that process' clock.
CREATE TABLE "request_digest" (
    "at" TIMESTAMPTZ NOT NULL,
    "digest" BIGINT NOT NULL,
    "process" INTEGER NOT NULL,
    "project_id" SMALLINT NOT NULL
);
CREATE UNIQUE INDEX "request_digest_key" ON "request_digest" ("project_id", "digest");

-- What each ingest process knows of its answers: those of requests stored before a time were written out, but for the
-- lost ones.
CREATE TABLE "ingest_answers" (
    "process" INTEGER NOT NULL,
    "answered_before" TIMESTAMPTZ NOT NULL,
    "lost" BIGINT[] NOT NULL,
    "told_at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "ingest_answers_pkey" PRIMARY KEY ("process")
);

-- They stand in a table of their own now.
ALTER TABLE "block" DROP COLUMN "digests";
ALTER TABLE "log_block" DROP COLUMN "digests";
