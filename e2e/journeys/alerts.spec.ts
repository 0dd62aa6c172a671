import { expect, test } from "../stack/test.ts";

test("a silence is planned, changed and dropped before it begins", async ({ page, freshStack }) => {
  await page.goto(`${freshStack.webUrl}/alerts/silences`);
  await page.getByRole("link", { name: "New silence" }).click();
  await page
    .getByRole("textbox", { name: /^Alerts with these labels/ })
    .fill('upstream="git.example.com"');
  await page.getByRole("radio", { name: "later" }).check();
  await page.getByLabel("Begins at").fill("2020-01-01T00:00");
  await page.getByRole("button", { name: "Plan the silence" }).click();
  await expect(page.getByText(/^It would be over already/)).toBeVisible();
  const soon = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
  await page.getByLabel("Begins at").fill(soon);
  await page.getByRole("button", { name: "Plan the silence" }).click();

  const upcoming = page.getByRole("region", { name: "Upcoming" });
  await expect(upcoming).toContainText("git.example.com");
  await expect(page.getByRole("region", { name: "Active" })).toContainText("Nothing is silenced.");
  await upcoming.getByRole("link", { name: /^Change/ }).click();
  await expect(page.getByLabel("Begins at")).toHaveValue(soon);
  await page.getByRole("textbox", { name: "Reason" }).fill("The server moves");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(upcoming).toContainText("The server moves");
  await upcoming.getByRole("button", { name: /^Drop/ }).click();
  await expect(upcoming).toHaveCount(0);
  await expect(page.getByRole("region", { name: /^Ended/ })).toContainText("git.example.com");
});

test("a rule is checked while it is typed, replayed over the past, created, turned off and deleted", async ({
  page,
  demoStack,
}) => {
  await page.goto(`${demoStack.webUrl}/alerts/rules`);
  await page.getByRole("link", { name: "New rule" }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Mirrors fail");
  const when = page.getByRole("textbox", { name: "Fires when" });
  await when.fill("error_rate_5m > 5% and oops > 1");
  await expect(page.getByText(/^Line 1, column 24:/)).toBeVisible();
  await when.fill("error_rate_5m > 5% and requ");
  await page.getByRole("button", { name: "requests_5m" }).click();
  await expect(when).toHaveValue("error_rate_5m > 5% and requests_5m");
  await when.fill("error_rate_5m > 5%");

  await page.getByRole("button", { name: "Replay the past 7 days" }).click();
  await expect(
    page.getByText(/^Would have fired (once|\d+ times) in the past 7 days/),
  ).toBeVisible();
  await expect(page.getByRole("link", { name: "mirror-a.example" }).first()).toHaveAttribute(
    "href",
    /\/upstreams\/mirror-a\.example\?from=/,
  );

  await page.getByRole("button", { name: "Create rule" }).click();
  await expect(page).toHaveURL(/\/alerts\/rules\/mirrors-fail$/);
  await page.getByRole("link", { name: "Rules" }).click();
  await page.getByRole("button", { name: "Turn off Mirrors fail" }).click();
  await expect(page.getByRole("button", { name: "Turn on Mirrors fail" })).toBeVisible();

  await page.getByRole("link", { name: "Mirrors fail" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete: really?" }).click();
  await expect(page).toHaveURL(/\/alerts\/rules$/);
  await expect(page.getByRole("link", { name: "Mirrors fail" })).toHaveCount(0);
});
