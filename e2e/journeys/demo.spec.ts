import { OverviewPage } from "../pages/overview.ts";
import { expect, test } from "../stack/test.ts";

test("from nothing to numbers by one click on the empty page, within 10 seconds", async ({
  page,
  freshStack,
}) => {
  await page.goto(freshStack.webUrl);
  await expect(page.getByRole("heading", { name: "Nothing has arrived yet" })).toBeVisible();
  await expect(page.getByText("OTEL_EXPORTER_OTLP_ENDPOINT")).toBeVisible();
  await page.getByRole("button", { name: "Start demo traffic" }).click();
  const overview = new OverviewPage(page);
  await expect(overview.proxies().filter({ hasText: "athens" })).toBeVisible({ timeout: 10_000 });
  await expect(overview.proxies().filter({ hasText: "edge-nginx" })).toBeVisible();

  const headers = { "x-viascope-request": "1" };
  const url = `${freshStack.webUrl}/api/v1/demo`;
  expect(await (await page.request.get(url)).json()).toMatchObject({ running: true });
  const stopped = await page.request.post(url, { headers, data: { running: false } });
  expect(await stopped.json()).toMatchObject({ running: false });
});

test.describe("with an hour of demo traffic", () => {
  test.use({ baseURL: ({ demoStack }, use) => use(demoStack.webUrl) });

  test("the overview names the worst first, where requests fall back, and what certificate expired", async ({
    page,
  }) => {
    await page.goto("/");
    const overview = new OverviewPage(page);
    await expect(overview.proxies()).toHaveText(["athens", "edge-nginx"]);
    await expect(overview.upstreams()).toHaveText([
      /^(git\.corp|mirror-a)\.example$/,
      /^(git\.corp|mirror-a)\.example$/,
      /athens|mirror-b|sum/,
      /athens|mirror-b|sum/,
      /athens|mirror-b|sum/,
    ]);
    await expect(overview.fallbacks("athens").first()).toContainText("mirror-a.example");
    const expired = overview.tlsFailures().filter({ hasText: "git.corp.example" });
    await expect(expired).toContainText("certificate_expired");
  });

  test("from the overview to the upstream, its worst exchange and the waterfall of its trace", async ({
    page,
  }) => {
    await page.goto("/");
    await new OverviewPage(page).upstreams().filter({ hasText: "mirror-a.example" }).click();
    await expect(page.getByRole("heading", { name: /mirror-a\.example/ })).toBeVisible();
    await expect(page.getByText("Failing", { exact: true })).toBeVisible();
    await expect(page.getByRole("region", { name: "Falls back to" })).toContainText(
      "mirror-b.example",
    );
    await page
      .getByRole("link", { name: /^Open the trace of/ })
      .first()
      .click();
    const spans = page.getByRole("treegrid").getByRole("row");
    await expect(spans.filter({ hasText: "athens" }).first()).toBeVisible();
    expect(await spans.count()).toBeGreaterThan(1);
  });
});

test.describe("what a person chooses", () => {
  test.use({ baseURL: ({ demoStack }, use) => use(demoStack.webUrl) });

  test("a chosen time range stands in the address and survives a reload", async ({ page }) => {
    await page.goto("/");
    await page.getByRole("button", { name: /^Time range/ }).click();
    await page.getByRole("button", { name: /^Past 15 min/ }).click();
    await expect(page).toHaveURL(/from=now-15m/);
    await page.reload();
    await expect(page.getByRole("button", { name: "Time range: Past 15 min" })).toBeVisible();
    await new OverviewPage(page).upstreams().first().click();
    await expect(page).toHaveURL(/\/upstreams\/.*from=now-15m/);
  });

  test("the color scheme can be changed, and stays", async ({ page }) => {
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto("/");
    const background = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    const button = page.getByRole("button", { name: /^Color scheme/ });
    await expect(async () => {
      await button.click();
      expect(await background()).not.toBe(light);
    }).toPass();
    const dark = await background();
    await page.reload();
    expect(await background()).toBe(dark);
  });
});
