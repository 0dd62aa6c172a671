-- What proxies report of themselves, as numbers over time: pushed with OTLP or scraped.

-- One row for each series there is. digest: SHA-1 of what tells it apart. seen_on: the last day it had a point.
-- kind: gauge, counter, updown, histogram. temporality: none, cumulative, delta. origin: otlp, scrape.
CREATE TABLE "metric_series" (
    "project_id" SMALLINT NOT NULL,
    "id" INTEGER GENERATED ALWAYS AS IDENTITY,
    "digest" BYTEA NOT NULL,
    "origin" TEXT NOT NULL,
    "proxy" TEXT NOT NULL,
    "instance" TEXT,
    "name" TEXT NOT NULL,
    "unit" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "temporality" TEXT NOT NULL,
    "attributes" JSONB NOT NULL,
    "seen_on" DATE NOT NULL,
    CONSTRAINT "metric_series_pkey" PRIMARY KEY ("project_id", "id")
);
CREATE UNIQUE INDEX "metric_series_project_id_digest_key" ON "metric_series"("project_id", "digest");
CREATE INDEX "metric_series_project_id_name_idx" ON "metric_series"("project_id", "name");

-- One reading of a series. started_at: when a cumulative one began to count. value: of a histogram its count.
-- histogram: bounds and counts, packed (lib/core/metric-histogram.ts).
CREATE TABLE "metric_point" (
    "at" TIMESTAMPTZ NOT NULL,
    "started_at" TIMESTAMPTZ,
    "value" DOUBLE PRECISION NOT NULL,
    "series_id" INTEGER NOT NULL,
    "project_id" SMALLINT NOT NULL,
    "histogram" BYTEA
) PARTITION BY RANGE ("at");
CREATE INDEX "metric_point_series_id_at_idx" ON "metric_point" ("series_id", "at");

-- When each target was scraped and how that went; due_at also keeps two workers from scraping it at once.
CREATE TABLE "scrape_target" (
    "project_id" SMALLINT NOT NULL,
    "name" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "scraped_at" TIMESTAMPTZ(3),
    "up" BOOLEAN,
    "duration_ms" INTEGER,
    "samples" INTEGER,
    "refused" INTEGER,
    "problem" TEXT,
    CONSTRAINT "scrape_target_pkey" PRIMARY KEY ("project_id", "name")
);
