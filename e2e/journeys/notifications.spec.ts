import type { IncomingHttpHeaders } from "node:http";

import type { Page } from "@playwright/test";
import { Webhook } from "standardwebhooks";

import { respond, startReceiver } from "#tests/receiver.ts";

import { accessibilityFaults } from "../pages/accessibility.ts";
import { firingAlert } from "../pages/firing-alert.ts";
import { startStack } from "../stack/stack.ts";
import { expect, test } from "../stack/test.ts";

test("a channel is tried before it is saved, signs what it sends, and shows its secret once", async ({
  page,
}) => {
  const receiver = await startReceiver(respond(200, "thanks"));
  const stack = await startStack({ VIASCOPE_WEBHOOK_ALLOW: "127.0.0.1/32" });
  try {
    await page.goto(`${stack.webUrl}/settings/notifications`);
    await expect(page.getByText(/^There is no channel yet/)).toBeVisible();
    await page.getByRole("link", { name: "Add a channel" }).click();
    await page.getByRole("textbox", { name: /^Name/ }).fill("on call");
    await page.getByRole("textbox", { name: /^Address/ }).fill(`${receiver.url}/hook`);
    await page.getByRole("button", { name: "Send a test" }).click();
    await expect(page.getByText("The test was delivered.")).toBeVisible();
    await expect(page.getByText("thanks")).toBeVisible();
    expect(receiver.received).toHaveLength(1);
    expect(receiver.received[0]?.body).toContain(`${stack.webUrl}/`);
    await page.getByRole("button", { name: "Save" }).click();
    const secret = (await page.getByText(/^whsec_/).textContent()) ?? "";

    await page.getByRole("button", { name: "Send a test" }).click();
    await expect.poll(() => receiver.received.length).toBe(2);
    const { headers, body } = receiver.received[1] ?? { headers: {}, body: "" };
    expect(new Webhook(secret).verify(body, textsOf(headers))).toMatchObject({ status: "firing" });

    await page.reload();
    await expect(page.getByText(secret)).toHaveCount(0);
    await page.goto(`${stack.webUrl}/settings/notifications`);
    await expect(page.getByRole("row", { name: /on call/ })).toContainText("nothing sent yet");
    await expect(page.getByRole("region", { name: "Routes" })).toContainText("on call");
  } finally {
    await stack.stop();
    await receiver.close();
  }
});

test("an entry of the delivery log shows every attempt with its answer, and is sent again", async ({
  page,
}) => {
  const receiver = await startReceiver(respond(503, "busy"));
  const stack = await startStack({ VIASCOPE_WEBHOOK_ALLOW: "127.0.0.0/8" });
  try {
    const headers = { "x-viascope-request": "1" };
    const data = { name: "on call", kind: "webhook", settings: { url: `${receiver.url}/hook` } };
    await page.request.post(`${stack.webUrl}/api/v1/channels`, { headers, data });
    const path = "ingest/access-logs?proxy=edge&format=nginx";
    const sent = await page.request.post(`${stack.ingestUrl}/${path}`, {
      data: `10.0.0.1 - - [${clfTime(new Date())}] "GET /a HTTP/1.1" 200 5 "-" "go"`,
      headers: { "content-type": "text/plain" },
    });
    expect(await sent.text()).toContain('"accepted":1');
    await firingAlert(page, stack.webUrl);
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBeGreaterThan(0);
    // Any port was asked for: the links lead to the one that was got.
    expect(receiver.received[0]?.body).toContain(`${stack.webUrl}/`);
    receiver.answer(respond(200, "thanks"));

    await page.goto(`${stack.webUrl}/settings/notifications/deliveries`);
    const entry = page.getByRole("button", { name: /Anything comes in/ });
    await entry.click();
    await expect(page.getByText("Answer: 503").first()).toBeVisible();
    await expect(page.getByText("busy").first()).toBeVisible();
    await expect(page.getByText("Answer: 200")).toBeVisible({ timeout: 30_000 });
    await expect(page.getByRole("row", { name: /Anything comes in/ })).toContainText("delivered");
    await page
      .getByText(/^Request: POST/)
      .first()
      .click();
    await expect(page.getByText('"alertname": "Anything comes in"').first()).toBeVisible();
    await expectAccessible(page);

    const before = receiver.received.length;
    await page.getByRole("button", { name: "Send again" }).click();
    await expect.poll(() => receiver.received.length).toBe(before + 1);
    await expect(page.getByRole("row", { name: /sent again/ })).toContainText("delivered", {
      timeout: 15_000,
    });
  } finally {
    await stack.stop();
    await receiver.close();
  }
});

function textsOf(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await accessibilityFaults(page)).toEqual([]);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
}

/** A time as Common Log Format writes it. */
function clfTime(time: Date): string {
  const [, day, month, year, clock] = time.toUTCString().split(" ");
  return `${day}/${month}/${year}:${clock} +0000`;
}

test("routes are edited as matchers, and what cannot be read is refused with its text", async ({
  page,
  freshStack,
}) => {
  const headers = { "x-viascope-request": "1" };
  const data = { name: "chat", kind: "slack", settings: { url: "https://chat.example.com/hook" } };
  await page.request.post(`${freshStack.webUrl}/api/v1/channels`, { headers, data });
  await page.goto(`${freshStack.webUrl}/settings/notifications/routes`);
  await page.getByRole("button", { name: "Add a route" }).click();
  const matchers = page.getByRole("textbox", { name: /^Matchers/ });
  await matchers.fill("severity");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("These matchers cannot be read: severity")).toBeVisible();
  await matchers.fill('severity="page", upstream=~"mirror.*"');
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page).toHaveURL(/\/settings\/notifications$/);
  await expect(page.getByRole("region", { name: "Routes" })).toContainText(
    'severity="page", upstream=~"mirror.*"',
  );
});
