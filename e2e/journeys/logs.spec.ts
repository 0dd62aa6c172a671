import { randomBytes } from "node:crypto";

import { logSnippets } from "#components/logs/log-snippets.ts";

import { accessibilityFaults } from "../pages/accessibility.ts";
import { exportSpans, RealSpans } from "../stack/real-spans.ts";
import type { Stack } from "../stack/stack.ts";
import { expect, test } from "../stack/test.ts";

function sendLines(stack: Stack, proxy: string, lines: readonly string[]): Promise<Response> {
  return fetch(`${stack.ingestUrl}/ingest/access-logs?format=nginx&proxy=${proxy}`, {
    method: "POST",
    body: `${lines.join("\n")}\n`,
  });
}

interface SentRecord {
  readonly text: string;
  readonly severityNumber?: number;
  readonly traceId?: string;
}

function sendRecord(stack: Stack, service: string, record: SentRecord): Promise<Response> {
  const { text, ...said } = record;
  const attributes = [{ key: "service.name", value: { stringValue: service } }];
  const logRecords = [
    { timeUnixNano: `${Date.now()}000000`, body: { stringValue: text }, ...said },
  ];
  return fetch(`${stack.ingestUrl}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }],
    }),
  });
}

test("without log lines the page says how to send some", async ({ page, freshStack }) => {
  await page.goto(`${freshStack.webUrl}/logs`);
  await expect(page.getByRole("heading", { name: "No log lines" })).toBeVisible();
  for (const { text } of logSnippets({ origin: freshStack.webUrl, tokenAsked: false })) {
    await expect(page.locator("pre", { hasText: text.slice(0, 40) })).toHaveText(text);
  }
});

test("a line that cannot be read is shown with the reason, and the page says that it is not counted", async ({
  page,
  stack,
}) => {
  const proxy = "half-read";
  await sendLines(stack, proxy, ["what is this?"]);
  await sendRecord(stack, proxy, { text: "all is well", severityNumber: 9 });
  await page.goto(`/logs?proxy=${proxy}`);
  await expect(page.getByText("1 line of this time could not be read as requests")).toBeVisible();
  await page.getByRole("button", { name: "Show them" }).click();
  await expect(page).toHaveURL(/kind=unread/);
  await expect(page.getByText("all is well")).toBeHidden();
  const line = page.getByRole("listitem").filter({ hasText: "what is this?" });
  await expect(line).toContainText("Not read");
  await expect(line).toContainText("The line is no access line");
  await page.goBack();
  await expect(page.getByText("all is well")).toBeVisible();
  expect(await accessibilityFaults(page)).toEqual([]);
});

test("following shows a line that arrives, and filters stand in the address", async ({
  page,
  stack,
}) => {
  const service = "followed";
  await sendRecord(stack, service, { text: "it began", severityNumber: 9 });
  await page.goto(`/logs?proxy=${service}`);
  await expect(page.getByText("it began")).toBeVisible();
  await page.getByRole("button", { name: "Follow" }).click();
  await expect(page).toHaveURL(/live=true/);
  await sendRecord(stack, service, { text: "it went wrong", severityNumber: 17 });
  await expect(page.getByText("it went wrong")).toBeVisible({ timeout: 8_000 });
  await page.getByRole("combobox", { name: "Severity" }).selectOption("error");
  await expect(page).toHaveURL(/severity=error/);
  await expect(page.getByText("it began")).toBeHidden();
  await expect(page.getByText("it went wrong")).toBeVisible();
  await page.getByRole("combobox", { name: "Severity" }).selectOption("");
  await page.getByRole("searchbox").fill("BEGAN");
  await expect(page).toHaveURL(/q=BEGAN/);
  await expect(page.getByText("it went wrong")).toBeHidden();
  await expect(page.getByText("it began")).toBeVisible();
});

test("an error line leads to the exchange that it names, which lists the line, or to those that may be meant", async ({
  page,
  stack,
}) => {
  const endMs = Date.now() - 2_000;
  const stamp = new Date(endMs).toISOString().slice(0, 19).replaceAll("-", "/").replace("T", " ");
  const accessLine = (client: string, path: string): string =>
    JSON.stringify({
      msec: (endMs / 1_000).toFixed(3),
      remote_addr: client,
      request: `GET ${path} HTTP/1.1`,
      status: "502",
      request_time: "0.500",
    });
  const errorLine = (client: string, path: string): string =>
    `${stamp} [error] 7#7: *4 no live upstreams while connecting to upstream, client: ${client}, server: go, request: "GET ${path} HTTP/1.1", upstream: "http://origin${path}", host: "go"`;
  const [one, several] = ["/line.example/one/@v/list", "/line.example/several/@v/list"];
  await sendLines(stack, "named", [
    accessLine("192.0.2.1", one),
    accessLine("192.0.2.2", one),
    accessLine("192.0.2.1", several),
    accessLine("192.0.2.1", several),
  ]);
  await sendLines(stack, "named", [errorLine("192.0.2.1", one), errorLine("192.0.2.1", several)]);
  await page.goto("/logs?proxy=named");
  const line = page.getByRole("listitem").filter({ hasText: "line.example/one" });
  await line.getByRole("link", { name: "Exchange" }).click();
  await expect(page).toHaveURL(/\/exchanges\/\d+-\d+$/);
  await expect(page.locator("pre")).toContainText("192.0.2.1");
  const lines = page.getByRole("region", { name: "Log lines that name this request" });
  await expect(lines.getByRole("listitem")).toHaveCount(1);
  await expect(lines).toContainText("no live upstreams");
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.goto("/logs?proxy=named");
  await page
    .getByRole("listitem")
    .filter({ hasText: "line.example/several" })
    .getByRole("link", { name: "Exchange" })
    .click();
  await expect(page).toHaveURL(/\/exchanges\?.*module=line.example/);
  await expect(page.getByRole("heading", { name: "2 exchanges" })).toBeVisible();
});

test("a trace shows its log lines, and a log line leads to its trace", async ({ page, stack }) => {
  const spans = new RealSpans("logged");
  const { traceId, server, internal, clients } = spans.record("/a/@v/list", Date.now() - 1_000, [
    { upstream: "a.example", status: 200, durationMs: 20 },
  ]);
  await exportSpans(stack.ingestUrl, "protobuf", [server, internal, ...clients]);
  await sendRecord(stack, "logged", { text: "stashed on its way", traceId });
  const otherId = randomBytes(16).toString("hex");
  await sendRecord(stack, "logged", { text: "somebody else", traceId: otherId });
  await page.goto("/logs?proxy=logged");
  await page
    .getByRole("listitem")
    .filter({ hasText: "stashed on its way" })
    .getByRole("link", { name: "Trace" })
    .click();
  await expect(page).toHaveURL(new RegExp(`/traces/${traceId}`));
  const lines = page.getByRole("region", { name: "Log lines of this trace" });
  await expect(lines.getByText("stashed on its way")).toBeVisible();
  await expect(lines.getByText("somebody else")).toBeHidden();
  await lines.getByRole("link", { name: "Open in logs" }).click();
  await expect(page).toHaveURL(/\/logs\?.*trace=/);
  await expect(page.getByText("stashed on its way")).toBeVisible();
  await expect(page.getByText("somebody else")).toBeHidden();
});
