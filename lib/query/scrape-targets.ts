import type { MetricMeasuresAnswer } from "#lib/contract/metrics.ts";
import type { Database } from "#lib/db/open.ts";

type Target = MetricMeasuresAnswer["targets"][number];

/** Every page that is scraped, and how that went last. */
export async function queryScrapeTargets(db: Database, project: number): Promise<Target[]> {
  const answer = await db.pool.query<
    Omit<Target, "scrapedAt"> & { readonly scrapedAt: Date | null }
  >(
    `SELECT name, url, up, scraped_at AS "scrapedAt", duration_ms AS "durationMs", samples, refused, problem
       FROM scrape_target WHERE project_id = $1 ORDER BY name`,
    [project],
  );
  return answer.rows.map((row) => ({ ...row, scrapedAt: row.scrapedAt?.toISOString() ?? null }));
}
