-- TLS servers whose certificates are looked at. name: [server name@]host:port. origin: setting, page, traffic.
-- listed_until: when it is forgotten unless it is listed again; null for those that somebody added in a page.
-- problem: why the last check read no certificate. distrust: why the one it read is not trusted. reason: of either.
-- certificate, seen_at: the certificate that was last read, and when.
CREATE TABLE "certificate_target" (
    "project_id" SMALLINT NOT NULL,
    "name" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "listed_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "lease_until" TIMESTAMPTZ(3),
    "checked_at" TIMESTAMPTZ(3),
    "problem" TEXT,
    "distrust" TEXT,
    "reason" TEXT,
    "certificate" JSONB,
    "seen_at" TIMESTAMPTZ(3),
    CONSTRAINT "certificate_target_pkey" PRIMARY KEY ("project_id", "name")
);
CREATE INDEX "certificate_target_project_id_due_at_idx" ON "certificate_target"("project_id", "due_at");

-- What checks found, wherever it was something else than the check before had found.
CREATE TABLE "certificate_change" (
    "project_id" SMALLINT NOT NULL,
    "name" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "problem" TEXT,
    "distrust" TEXT,
    "reason" TEXT,
    "certificate" JSONB,
    CONSTRAINT "certificate_change_pkey" PRIMARY KEY ("project_id", "name", "at"),
    CONSTRAINT "certificate_change_target_fkey" FOREIGN KEY ("project_id", "name") REFERENCES "certificate_target"("project_id", "name") ON DELETE CASCADE ON UPDATE CASCADE
);
