import type { Page } from "@playwright/test";
import { z } from "zod";

import { respond, startReceiver, type Receiver } from "#tests/receiver.ts";

import { runDemo } from "../stack/demo.ts";
import { freePort } from "../stack/free-port.ts";
import { startStack, type Stack } from "../stack/stack.ts";
import { expect, test } from "../stack/test.ts";

// The demo's first incident begins ten seconds after its start, and is cut to so many.
const incidentSeconds = 30;
const firesWithinMs = 90_000;
const recoversWithinMs = 120_000;

const link = z.object({ kind: z.string(), url: z.string() });
const webhook = z.object({
  status: z.enum(["firing", "resolved"]),
  alerts: z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      startsAt: z.string(),
      endsAt: z.string(),
      generatorURL: z.string(),
      silenceURL: z.string(),
      evidence: z.array(link),
      exchanges: z.array(z.object({ url: z.string() })),
    }),
  ),
});

test("an upstream breaks: a rule fires, the webhook's links open it, it is acknowledged and silenced, and it recovers", async ({
  page,
}) => {
  test.setTimeout(300_000);
  const receiver = await startReceiver(respond(200, "ok"));
  // Links in messages name the port that was asked for.
  const port = String(await freePort());
  const stack = await startStack({ PORT: port, VIASCOPE_WEBHOOK_ALLOW: "127.0.0.0/8" });
  await tellSoon(page, stack, receiver);
  const stopDemo = runDemo(stack, incidentSeconds);
  try {
    await createRule(page, stack);

    await page.goto(`${stack.webUrl}/alerts`);
    const firing = page.getByRole("region", { name: "Firing" });
    await expect(firing).toContainText("Mirror fails", { timeout: firesWithinMs });

    const told = await messageOf(receiver, "firing", 15_000);
    await followLinks(page, told);

    await page.goto(told.generatorURL);
    await page.getByRole("textbox", { name: "Comment" }).fill("Asked the mirror's people.");
    await page.getByRole("button", { name: "Acknowledge" }).click();
    const happened = page.getByRole("region", { name: "What happened" });
    await expect(happened).toContainText("somebody acknowledged it");
    await expect(happened).toContainText("Sent to on call");

    await page.getByRole("button", { name: "Silence", exact: true }).click();
    await page.getByRole("button", { name: "Silence for 2 h" }).click();
    await expect(page.getByText("silenced", { exact: true })).toBeVisible();
    await page.getByRole("link", { name: "Silences" }).click();
    const active = page.getByRole("region", { name: "Active" });
    await active.getByRole("button", { name: /^End now/ }).click();
    await expect(active).toContainText("Nothing is silenced.");

    const over = await messageOf(receiver, "resolved", recoversWithinMs);
    expect(over.startsAt).toBe(told.startsAt);
    expect(Date.parse(over.endsAt)).toBeGreaterThan(Date.parse(told.startsAt));
    expect(over.generatorURL).toBe(told.generatorURL);

    await page.goto(`${stack.webUrl}/alerts/incidents?state=resolved&rule=mirror-fails`);
    await page.getByRole("link", { name: "Mirror fails" }).click();
    await expect(page).toHaveURL(told.generatorURL);
    for (const what of ["Resolved", "somebody silenced it", "Asked the mirror's people."]) {
      await expect(happened).toContainText(what);
    }
    await expect(page.getByRole("region", { name: "Labels" })).toContainText("infra");
  } finally {
    await stopDemo();
    await stack.stop();
    await receiver.close();
  }
});

/** A channel to the receiver, and routes that wait seconds instead of minutes. */
async function tellSoon(page: Page, stack: Stack, receiver: Receiver): Promise<void> {
  const headers = { "x-viascope-request": "1" };
  const api = `${stack.webUrl}/api/v1`;
  const settings = { url: `${receiver.url}/hook` };
  const data = { name: "on call", kind: "webhook", settings };
  expect((await page.request.post(`${api}/channels`, { headers, data })).ok()).toBe(true);
  const known = z
    .object({ policy: z.record(z.string(), z.unknown()), revision: z.number() })
    .parse(await (await page.request.get(`${api}/routes`)).json());
  const route = z.record(z.string(), z.unknown()).parse(known.policy["route"]);
  const policy = { ...known.policy, route: { ...route, groupIntervalMs: 2_000 } };
  const put = await page.request.put(`${api}/routes`, {
    headers,
    data: { policy, revision: known.revision },
  });
  expect(put.ok(), await put.text()).toBe(true);
}

async function createRule(page: Page, stack: Stack): Promise<void> {
  await page.goto(`${stack.webUrl}/alerts/new-rule`);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Mirror fails");
  await page.getByRole("textbox", { name: /^Upstream/ }).fill("mirror-a*");
  await page.getByRole("textbox", { name: "Fires when" }).fill("error_rate_1m > 20%");
  await page.getByRole("combobox", { name: /^Severity/ }).selectOption("page");
  const after = page.getByRole("textbox", { name: /^Resolves after/ });
  await after.fill("soon");
  await expect(page.getByText(/^Write a time such as 30s/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Create rule" })).toBeDisabled();
  await after.fill("0s");
  await page.getByRole("button", { name: "Add a label" }).click();
  await page.getByRole("textbox", { name: "Name of a label" }).fill("team");
  await page.getByRole("textbox", { name: "Value of the label team" }).fill("infra");
  await page.getByRole("button", { name: "Replay the past 7 days" }).click();
  await expect(page.getByText(/^Would (not )?have fired/)).toBeVisible();
  await page.getByRole("button", { name: "Create rule" }).click();
  await expect(page).toHaveURL(/\/alerts\/rules\/mirror-fails$/);
}

/** The alert of our rule in the first message of such a status. */
async function messageOf(receiver: Receiver, status: "firing" | "resolved", timeout: number) {
  const found = () =>
    receiver.received
      .map(({ body }) => webhook.parse(JSON.parse(body)))
      .filter((message) => message.status === status)
      .flatMap(({ alerts }) => alerts)
      .find(({ labels }) => labels["rule"] === "mirror-fails");
  await expect.poll(() => found() !== undefined, { timeout }).toBe(true);
  const alert = found();
  if (alert === undefined) throw new Error("The message went away.");
  return alert;
}

/** Every link of the message opens what it names. */
async function followLinks(page: Page, told: Awaited<ReturnType<typeof messageOf>>): Promise<void> {
  await page.goto(told.generatorURL);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Mirror fails");
  await expect(page.getByRole("region", { name: "What set it off" })).toContainText(
    "mirror-a.example 503",
  );

  await page.goto(told.evidence.find(({ kind }) => kind === "upstream")?.url ?? "");
  await expect(page).toHaveURL(/\/upstreams\/mirror-a\.example\?from=.*&to=.*&proxy=athens/);
  await expect(page.getByRole("region", { name: "Worst exchanges" })).toContainText("503");

  await page.goto(told.exchanges[0]?.url ?? "");
  await expect(page.getByText("As it was received")).toBeVisible();

  await page.goto(told.silenceURL);
  await expect(page.getByRole("textbox", { name: /^Alerts with these labels/ })).toHaveValue(
    /upstream="mirror-a\.example"/,
  );
}
