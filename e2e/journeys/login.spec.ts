import { startStack, type Stack } from "../stack/stack.ts";
import { expect, test } from "../stack/test.ts";

test.describe("a Viascope that other machines can reach", () => {
  let stack: Stack;
  test.beforeAll(async () => {
    stack = await startStack({
      VIASCOPE_HOST: "0.0.0.0",
      VIASCOPE_PASSWORD: "see every hop",
      VIASCOPE_INGEST_TOKEN: "only-for-this-test",
    });
  });
  test.afterAll(() => stack.stop());

  test("asks for the password, and leads to the page that was wanted", async ({ page }) => {
    await page.goto(`${stack.webUrl}/upstreams`);
    await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
    await page.getByRole("textbox", { name: "Password" }).fill("wrong");
    await page.getByRole("button", { name: "Log in" }).click();
    await expect(page.getByText("That is not the password.")).toBeVisible();
    await page.getByRole("textbox", { name: "Password" }).fill("see every hop");
    await page.getByRole("button", { name: "Log in" }).click();
    await expect(page).toHaveURL(`${stack.webUrl}/upstreams`);
    await page.getByRole("button", { name: "Log out" }).click();
    await page.goto(stack.webUrl);
    await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
  });

  test("tells nothing to who has neither password nor token", async ({ request }) => {
    expect((await request.get(`${stack.webUrl}/api/v1/proxies`)).status()).toBe(401);
    for (const url of [stack.webUrl, stack.ingestUrl]) {
      const line = '{"msec":"1795000000.000","request":"GET / HTTP/1.1","status":"200"}\n';
      const path = `${url}/ingest/access-logs?format=nginx&proxy=edge`;
      const headers = { "content-type": "text/plain" };
      expect((await request.post(path, { data: line, headers })).status()).toBe(401);
    }
  });

  test("takes demo traffic, with the token, from its own button", async ({ page }) => {
    await page.goto(stack.webUrl);
    await page.getByRole("textbox", { name: "Password" }).fill("see every hop");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("button", { name: "Start demo traffic" }).click();
    await expect(page.getByRole("link", { name: /edge-nginx/ })).toBeVisible({ timeout: 10_000 });
  });
});
