import type { APIRequestContext } from "@playwright/test";

import { startStack, type Stack } from "../stack/stack.ts";
import { expect, test } from "../stack/test.ts";

test.describe("an installation whose senders need a token", () => {
  let stack: Stack;
  test.beforeAll(async () => {
    stack = await startStack({ VIASCOPE_INGEST_TOKEN: "only-for-this-test" });
  });
  test.afterAll(() => stack.stop());

  test("makes a token, takes what comes with it, and refuses it once it is revoked", async ({
    page,
    request,
  }) => {
    await page.goto(`${stack.webUrl}/settings/tokens`);
    await expect(page.getByText("There is no token yet.")).toBeVisible();
    await page.getByRole("textbox", { name: "Name" }).fill("edge collector");
    await page.getByRole("button", { name: "Make the token" }).click();
    const token = (await page.getByTestId("token").textContent()) ?? "";
    expect(token).toMatch(/^viascope_in_/);

    for (const url of [stack.ingestUrl, stack.webUrl]) {
      expect((await sendLine(request, url, token)).status()).toBe(200);
    }
    const row = page.getByRole("row", { name: /edge collector/ });
    await expect(row.locator("time").first()).toBeVisible({
      timeout: 15_000,
    });

    await page.reload();
    await expect(row).toBeVisible();
    await expect(page.getByText(token)).toHaveCount(0);
    await row.getByRole("button", { name: "Revoke edge collector" }).click();
    await row.getByRole("button", { name: "Revoke for good" }).click();
    await expect(row).toContainText("revoked");
    for (const url of [stack.ingestUrl, stack.webUrl]) {
      await expect
        .poll(async () => (await sendLine(request, url, token)).status(), { timeout: 3_000 })
        .toBe(401);
      const refused = await sendLine(request, url, token);
      expect(refused.headers()["content-type"]).toContain("application/problem+json");
      expect(await refused.json()).toMatchObject({
        status: 401,
        detail: expect.stringContaining("This ingest token was revoked."),
      });
    }
  });

  test("shows an operator who sends, and the processes that take it", async ({ page, request }) => {
    expect((await sendLine(request, stack.ingestUrl, "only-for-this-test")).status()).toBe(200);
    await page.goto(`${stack.webUrl}/settings/operations`);
    const senders = page.getByRole("region", { name: "Senders" });
    await expect(senders.getByRole("row", { name: /edge/ }).first()).toBeVisible({
      timeout: 25_000,
    });
    const processes = page.getByRole("region", { name: "Processes" });
    for (const role of ["ingest", "worker", "web"]) {
      await expect(processes.getByRole("row", { name: new RegExp(`^${role}`) })).toContainText(
        "running",
      );
    }
  });
});

function sendLine(request: APIRequestContext, url: string, token: string) {
  const msec = (Date.now() / 1_000).toFixed(3);
  return request.post(`${url}/ingest/access-logs?format=nginx&proxy=edge`, {
    data: `{"msec":"${msec}","request":"GET /${crypto.randomUUID()} HTTP/1.1","status":"200"}\n`,
    headers: { "content-type": "text/plain", authorization: `Bearer ${token}` },
  });
}
