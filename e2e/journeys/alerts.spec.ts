import { expect, test } from "../stack/test.ts";

// The demo's first incident begins 10 seconds after its start; a rule has to see it, every 5 seconds.
const incidentSeenMs = 120_000;

test("an incident fires, its link opens what happened, and it is acknowledged, silenced and let go again", async ({
  page,
  freshStack,
}) => {
  test.setTimeout(incidentSeenMs + 60_000);
  const headers = { "x-viascope-request": "1" };
  const demo = `${freshStack.webUrl}/api/v1/demo`;
  await page.request.post(demo, { headers, data: { running: true } });
  await page.goto(`${freshStack.webUrl}/alerts`);
  await page
    .getByRole("region", { name: "Firing" })
    .getByRole("link", { name: "mirror-a.example" })
    .first()
    .click({ timeout: incidentSeenMs });

  const happened = page.getByRole("region", { name: "What happened" });
  await expect(happened).toContainText("Firing");
  await page.getByRole("link", { name: "mirror-a.example at that time" }).click();
  await expect(page).toHaveURL(/\/upstreams\/mirror-a\.example\?from=.*&to=.*&proxy=athens/);
  await expect(page.getByRole("region", { name: "Worst exchanges" })).toContainText("503");
  await page.goBack();

  await page.getByRole("textbox", { name: "Comment" }).fill("Asked the mirror's people.");
  await page.getByRole("button", { name: "Acknowledge" }).click();
  await expect(happened).toContainText("somebody acknowledged it");
  await expect(happened).toContainText("Asked the mirror's people.");

  await page.getByRole("button", { name: "Silence", exact: true }).click();
  await page.getByRole("button", { name: "Silence for 2 h" }).click();
  await expect(page.getByText("silenced", { exact: true })).toBeVisible();

  await page.getByRole("link", { name: "Silences" }).click();
  const active = page.getByRole("region", { name: "Active" });
  await active.getByRole("button", { name: /^End now/ }).click();
  await expect(active).toContainText("Nothing is silenced.");
  await expect(page.getByRole("region", { name: /^Ended/ })).toContainText("mirror-a.example");
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
