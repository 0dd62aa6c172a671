-- Prefixes of module paths that objectives name. Ingest sums their exchanges in rollup rows of their own
-- (subject: module; peer_id: the id here; detail: the endpoint), blocks made from counted_from on; what was stored
-- before is summed by a worker, from the newest records back: filled_from tells how far it got.
CREATE TABLE "module_prefix" (
    "project_id" SMALLINT NOT NULL,
    "id" INTEGER GENERATED ALWAYS AS IDENTITY,
    "prefix" TEXT NOT NULL,
    "counted_from" TIMESTAMPTZ(3) NOT NULL,
    "filled_from" TIMESTAMPTZ(3) NOT NULL,
    "filled" BOOLEAN NOT NULL DEFAULT false,
    CONSTRAINT "module_prefix_pkey" PRIMARY KEY ("project_id", "id")
);
CREATE UNIQUE INDEX "module_prefix_project_id_prefix_key" ON "module_prefix"("project_id", "prefix");
