import type { z } from "zod";

/** A page that is scraped, under the name of the proxy whose numbers it shows. */
export interface ScrapeTarget {
  readonly name: string;
  readonly url: string;
}

const shape =
  "names and addresses between commas, such as athens=http://127.0.0.1:3001/metrics, edge=http://127.0.0.1:8404/metrics";
const targetsMax = 200;

/** Reads `name=url, name=url`. */
export function scrapeTargets(text: string, context: z.RefinementCtx): ScrapeTarget[] {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
  const targets = entries.flatMap((entry) => targetOf(entry) ?? []);
  const names = new Set(targets.map(({ name }) => name));
  if (names.size !== entries.length || entries.length > targetsMax) {
    context.addIssue({ code: "custom", message: `${shape}; each name once` });
  }
  return targets;
}

function targetOf(entry: string): ScrapeTarget | null {
  const { name = "", url = "" } =
    /^(?<name>[^=]{1,200})=(?<url>https?:\/\/.+)$/.exec(entry)?.groups ?? {};
  return name !== "" && URL.canParse(url) ? { name, url } : null;
}
