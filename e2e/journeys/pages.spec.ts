import type { Page } from "@playwright/test";

import { childEnvironment } from "#lib/config/environment.ts";
import { exchangesAnswer } from "#lib/contract/exchanges.ts";

import { accessibilityFaults } from "../pages/accessibility.ts";
import { firingAlert, plannedSilence } from "../pages/firing-alert.ts";
import { OverviewPage } from "../pages/overview.ts";
import { expect, test } from "../stack/test.ts";

const wantsScreenshots = childEnvironment({})["VIASCOPE_SCREENSHOTS"] === "1";

test.use({ baseURL: ({ demoStack }, use) => use(demoStack.webUrl) });
// A third of all journeys: both workers take of them.
test.describe.configure({ mode: "parallel" });

/** Every page, by how it is reached. */
const pages: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  overview: (page) => page.goto("/"),
  upstreams: (page) => page.goto("/upstreams"),
  logs: (page) => page.goto("/logs"),
  upstream: (page) => page.goto("/upstreams/mirror-a.example?proxy=athens"),
  "open a trace": (page) => page.goto("/traces"),
  async trace(page) {
    await page.goto("/upstreams/mirror-a.example?proxy=athens");
    await page
      .getByRole("link", { name: /^Open the trace of/ })
      .first()
      .click();
    await expect(page.getByRole("treegrid")).toBeVisible();
  },
  async exchange(page) {
    const answer = await page.request.get("/api/v1/exchanges?proxy=edge-nginx&limit=1");
    const { items } = exchangesAnswer.parse(await answer.json());
    await page.goto(`/exchanges/${items[0]?.id ?? ""}`);
    await expect(page.getByText("As it was received")).toBeVisible();
  },
  notifications: (page) => page.goto("/settings/notifications"),
  "new channel": (page) => page.goto("/settings/notifications/new?kind=email"),
  routes: (page) => page.goto("/settings/notifications/routes"),
  "where an alert goes": (page) =>
    page.goto(`/settings/notifications/routes?labels=${encodeURIComponent('severity="page"')}`),
  certificates: (page) => page.goto("/certificates"),
  "delivery log": (page) => page.goto("/settings/notifications/deliveries"),
  slos: (page) => page.goto("/slos"),
  async slo(page) {
    await page.goto("/slos");
    await page.locator("th[scope=row] a").first().click();
    await expect(page.getByRole("heading", { name: "Burn rates" })).toBeVisible();
  },
  "new slo": (page) => page.goto("/slos/new"),
  openslo: (page) => page.goto("/slos/openslo"),
  alerts: (page) => page.goto("/alerts"),
  incidents: (page) => page.goto("/alerts/incidents"),
  "no incidents": (page) => page.goto("/alerts/incidents?rule=none&from=now-1h"),
  async alert(page) {
    await page.goto("/alerts");
    await page.goto(await firingAlert(page, new URL(page.url()).origin));
    await page.getByRole("button", { name: "Silence", exact: true }).click();
  },
  rules: (page) => page.goto("/alerts/rules"),
  rule: (page) => page.goto("/alerts/rules/upstream-down"),
  async "new rule"(page) {
    await page.goto("/alerts/new-rule");
    await page.getByRole("button", { name: "Add a label" }).click();
    await page.getByRole("textbox", { name: "Name of a label" }).fill("severity");
    await page.getByRole("textbox", { name: /^Must hold for/ }).fill("soon");
    await expect(page.getByText(/^Write a time such as/)).toBeVisible();
  },
  silences: (page) => page.goto("/alerts/silences"),
  operations: (page) => page.goto("/settings/operations"),
  tokens: (page) => page.goto("/settings/tokens"),
  async "new silence"(page) {
    await page.goto("/alerts/silence");
    await page.getByRole("radio", { name: "later" }).check();
    await page.getByRole("radio", { name: /^until/ }).check();
  },
  async "change of a silence"(page) {
    await page.goto("/alerts/silences");
    await page.goto(await plannedSilence(page, new URL(page.url()).origin));
    await expect(page.getByLabel("Begins at")).toBeVisible();
  },
  "no such page": (page) => page.goto("/nowhere"),
};

for (const [name, open] of Object.entries(pages)) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`${name}, ${colorScheme}: axe finds nothing, nothing complains`, async ({ page }) => {
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.emulateMedia({ colorScheme });
      await open(page);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(complaints).toEqual([]);
    });
  }

  test(`${name}: a phone 390 pixels wide needs no scrolling sideways`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await open(page);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(390);
  });
}

test("the overview as the README shows it", async ({ page }) => {
  test.skip(!wantsScreenshots, "Only where VIASCOPE_SCREENSHOTS=1 asks for it.");
  await page.setViewportSize({ width: 1440, height: 960 });
  await page.goto("/");
  await expect(new OverviewPage(page).proxies()).toHaveCount(2);
  await page.screenshot({ path: "docs/images/overview.png" });
});
