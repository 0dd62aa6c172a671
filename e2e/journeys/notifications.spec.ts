import { once } from "node:events";
import { createServer, type Server } from "node:http";

import { Webhook } from "standardwebhooks";

import { startStack } from "../stack/stack.ts";
import { expect, test } from "../stack/test.ts";

interface Received {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A receiver on loopback that keeps what it was sent. */
async function startReceiver(): Promise<{ server: Server; url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
      received.push({ headers: Object.fromEntries(headers), body });
      response.end("thanks");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return { server, url: `http://127.0.0.1:${port}/hook`, received };
}

test("a channel is tried before it is saved, signs what it sends, and shows its secret once", async ({
  page,
}) => {
  const receiver = await startReceiver();
  const stack = await startStack({ VIASCOPE_WEBHOOK_ALLOW: "127.0.0.1/32" });
  try {
    await page.goto(`${stack.webUrl}/settings/notifications`);
    await expect(page.getByText(/^There is no channel yet/)).toBeVisible();
    await page.getByRole("link", { name: "Add a channel" }).click();
    await page.getByRole("textbox", { name: /^Name/ }).fill("on call");
    await page.getByRole("textbox", { name: /^Address/ }).fill(receiver.url);
    await page.getByRole("button", { name: "Send a test" }).click();
    await expect(page.getByText("The test was delivered.")).toBeVisible();
    await expect(page.getByText("thanks")).toBeVisible();
    expect(receiver.received).toHaveLength(1);
    await page.getByRole("button", { name: "Save" }).click();
    const secret = (await page.getByText(/^whsec_/).textContent()) ?? "";

    await page.getByRole("button", { name: "Send a test" }).click();
    await expect.poll(() => receiver.received.length).toBe(2);
    const { headers, body } = receiver.received[1] ?? { headers: {}, body: "" };
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({ status: "firing" });

    await page.reload();
    await expect(page.getByText(secret)).toHaveCount(0);
    await page.goto(`${stack.webUrl}/settings/notifications`);
    await expect(page.getByRole("row", { name: /on call/ })).toContainText("nothing sent yet");
    await expect(page.getByRole("region", { name: "Routes" })).toContainText("on call");
  } finally {
    await stack.stop();
    receiver.server.closeAllConnections();
    receiver.server.close();
  }
});

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
