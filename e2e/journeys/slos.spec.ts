import { expect, test } from "../stack/test.ts";

test.use({ baseURL: ({ demoStack }, use) => use(demoStack.webUrl) });

test("an objective is made, judged by what was seen, changed, corrected and deleted", async ({
  page,
}) => {
  await page.goto("/slos/new");
  await page.getByRole("textbox", { name: /^Name/ }).fill("Modules arrive");
  await page.getByRole("textbox", { name: "Proxy" }).fill("athens");
  await page.getByRole("spinbutton", { name: /^Objective/ }).fill("99.95");
  await page.getByRole("spinbutton", { name: "Days" }).fill("1");
  await page.getByRole("button", { name: "Save" }).click();

  await expect(page).toHaveURL(/\/slos\/modules-arrive$/);
  await expect(page.getByRole("heading", { name: "Modules arrive" })).toBeVisible();
  await expect(page.getByText(/^99\.95 % good allows 0\.05 % of/)).toBeVisible();
  const chart = page.getByRole("slider", { name: "Budget left over time" });
  await chart.focus();
  await chart.press("End");
  await expect(chart).toHaveAttribute(
    "aria-valuetext",
    /\d{4}.*: left −?[\d.,]+% · −?[\d.,]+ events; spent evenly it would be 0% · 0 events$/,
  );
  const spenders = page.getByRole("region", { name: "What spent the budget" });
  await expect(spenders).toContainText("mirror-a.example");
  await spenders
    .getByRole("link", { name: /^[a-z.]+\/[a-z./0-9-]+$/ })
    .first()
    .click();
  await expect(page).toHaveURL(/\/exchanges\?.*bad=availability/);
  await expect(page.getByRole("list", { name: "Filters" })).toContainText("Errors only");
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await page.goBack();

  await page.locator("summary").click();
  await page.getByLabel(/^From/).fill("2026-01-01T00:00");
  await page.getByLabel(/^To/).fill("2026-01-01T01:00");
  await page.getByLabel("Reason").fill("Announced maintenance");
  await page.getByLabel("Author").fill("Ada");
  await page.getByRole("button", { name: "Leave out a stretch of time" }).click();
  await expect(page.getByRole("row", { name: /Announced maintenance/ })).toContainText("Ada");

  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByRole("spinbutton", { name: /^Objective/ }).fill("99");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText(/^99 % good allows 1 % of/)).toBeVisible();

  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete for good" }).click();
  await expect(page).toHaveURL(/\/slos$/);
  await expect(page.getByRole("heading", { name: "SLOs" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Modules arrive" })).toHaveCount(0);
});

test("objectives leave and enter as OpenSLO documents, and a wrong one is refused with the reason", async ({
  page,
}) => {
  await page.goto("/slos/openslo");
  const documents = await page.getByText("apiVersion: openslo/v1").first().textContent();
  const yaml = (documents ?? "").split(/^---$/m)[0] ?? "";
  const input = page.getByRole("textbox", { name: /^Documents to import/ });
  await input.fill("kind: SLO");
  await page.getByRole("button", { name: "Import" }).click();
  await expect(page.getByText(/apiVersion/).first()).toBeVisible();
  await input.fill(yaml);
  await page.getByRole("button", { name: "Import" }).click();
  await expect(page.getByText(/^Imported: /)).toBeVisible();
});

test("an objective on the modules below a path counts what came before it, and what comes after", async ({
  page,
}) => {
  // Counting begins ten seconds after the objective, and goes back over all that is kept.
  test.setTimeout(150_000);
  await page.goto("/slos/new");
  await page.getByRole("textbox", { name: /^Name/ }).fill("Modules of one host");
  const path = page.getByRole("textbox", { name: /^Module path/ });
  await path.fill("github.com/");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText(/a module path such as github.com\/acme/)).toBeVisible();
  await path.fill("github.com");
  await page.getByRole("spinbutton", { name: "Days" }).fill("1");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page).toHaveURL(/\/slos\/modules-of-one-host$/);
  await expect(page.getByText("modules of github.com")).toBeVisible();
  await expect(
    page.getByText(/Requests from before this objective are being counted/),
  ).toBeVisible();
  await expect(async () => {
    await page.reload();
    await expect(page.getByText(/^99\.9 % good allows 0\.1 % of [1-9]/)).toBeVisible();
    await expect(page.getByText(/are being counted/)).toHaveCount(0);
  }).toPass({ timeout: 110_000 });
});
