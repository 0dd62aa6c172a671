import { expect, type Page } from "@playwright/test";

import { incidentsAnswer } from "#lib/contract/incidents.ts";

const headers = { "x-viascope-request": "1" };
const rule = {
  key: "anything",
  name: "Anything comes in",
  per: "proxy",
  // The demo's traffic may be older than five minutes; a window of an hour is read once a minute, too seldom for what just came.
  when: "requests_5m > 0 or requests_1h > 0",
  severity: "info",
  runbookUrl: "https://wiki.example.com/anything",
};

/** Lets a rule fire wherever there is traffic, and gives the address of the page of one of its incidents. */
export async function firingAlert(page: Page, origin: string): Promise<string> {
  await page.request.post(`${origin}/api/v1/rules`, { headers, data: rule });
  const first = async () => {
    const answer = await page.request.get(`${origin}/api/v1/incidents?rule=${rule.key}&limit=1`);
    return incidentsAnswer.parse(await answer.json()).items[0];
  };
  await expect.poll(async () => (await first()) !== undefined, { timeout: 30_000 }).toBe(true);
  const incident = await first();
  if (incident === undefined) throw new Error("Nothing fires.");
  return `/alerts/${incident.groupKey}?incident=${incident.activeAt}`;
}

/** Plans a silence, and gives the address of the page that changes it. */
export async function plannedSilence(page: Page, origin: string): Promise<string> {
  const [startsAt, endsAt] = [3_600_000, 7_200_000].map((ms) =>
    new Date(Date.now() + ms).toISOString(),
  );
  const matchers = [{ name: "upstream", operator: "=", value: "git.corp.example" }];
  const data = { matchers, startsAt, endsAt, author: "anna", reason: "The server moves" };
  const answer = await page.request.post(`${origin}/api/v1/silences`, { headers, data });
  const made: unknown = await answer.json();
  if (typeof made !== "object" || made === null || !("id" in made)) {
    throw new Error("No silence was made.");
  }
  return `/alerts/silences/${String(made.id)}`;
}
