import { randomBytes } from "node:crypto";

import { accessibilityFaults } from "../pages/accessibility.ts";
import { exportSpans, RealSpans } from "../stack/real-spans.ts";
import type { Stack } from "../stack/stack.ts";
import { expect, test } from "../stack/test.ts";

interface EdgeRequest {
  readonly proxy: string;
  readonly traceId: string;
  readonly path: string;
  readonly endMs: number;
}

/** A line as nginx writes it that hands its trace on, after a fallback from one upstream to another. */
async function sendEdgeLine(stack: Stack, request: EdgeRequest): Promise<void> {
  const { proxy, traceId, path, endMs } = request;
  const line = JSON.stringify({
    msec: (endMs / 1_000).toFixed(3),
    request: `GET ${path} HTTP/1.1`,
    status: "200",
    request_time: "0.200",
    upstream_addr: "10.0.0.1:3000, 10.0.0.2:3000",
    upstream_status: "502, 200",
    upstream_response_time: "0.060, 0.140",
    http_traceparent: `00-${traceId}-${randomBytes(8).toString("hex")}-01`,
  });
  const url = `${stack.ingestUrl}/ingest/access-logs?format=nginx&proxy=${proxy}`;
  const answer = await fetch(url, { method: "POST", body: `${line}\n` });
  expect(await answer.json()).toMatchObject({ accepted: 1, rejected: 0 });
}

test("a trace shows the edge's access-log line as a hop before the spans behind it, and leads to the line", async ({
  page,
  stack,
}) => {
  const path = "/hop.example/a/@v/list";
  const beganMs = Date.now() - 5_000;
  const { traceId, server, internal, clients } = new RealSpans("hop-athens").record(
    path,
    beganMs + 65,
    [
      { upstream: "goproxy.example", status: 200, durationMs: 80 },
      { upstream: "sum.example", status: 200, durationMs: 40 },
    ],
  );
  await exportSpans(stack.ingestUrl, "protobuf", [server, internal, ...clients]);
  await sendEdgeLine(stack, { proxy: "hop-edge", traceId, path, endMs: beganMs + 200 });
  await page.goto(`/traces/${traceId}`);
  await expect(page.getByText("1 hop from access logs")).toBeVisible();
  const rows = page.getByRole("treegrid").getByRole("row");
  await expect(rows).toHaveCount(7);
  const hop = rows.first();
  await expect(hop).toHaveAccessibleName(/hop-edge, 200 ms, .*from an access log/);
  await expect(hop).toContainText("log");
  await expect(rows.nth(1)).toHaveAccessibleName(/10\.0\.0\.1:3000 502, hop-edge, 60 ms, .*error/);
  await expect(rows.nth(3)).toHaveAccessibleName(/hop-athens, 120 ms, 65 ms after the start$/);
  await hop.click();
  const details = page.getByRole("complementary", { name: "Span details" });
  await expect(details).toContainText("Read from an access log");
  expect(await accessibilityFaults(page)).toEqual([]);
  await details.getByRole("link", { name: "Open the exchange" }).click();
  await expect(page).toHaveURL(/\/exchanges\//);
  await expect(page.locator("pre")).toContainText(`00-${traceId}-`);
});

test("a hop that the proxy's own span tells of too is drawn once, and the span leads to the line", async ({
  page,
  stack,
}) => {
  const path = "/hop.example/b/@v/list";
  const beganMs = Date.now() - 5_000;
  const spans = new RealSpans("hop-both").record(path, beganMs, [
    { upstream: "origin.example", status: 200, durationMs: 200 },
  ]);
  const { traceId } = spans;
  await exportSpans(stack.ingestUrl, "json", [spans.server, spans.internal, ...spans.clients]);
  await sendEdgeLine(stack, { proxy: "hop-both", traceId, path, endMs: beganMs + 200 });
  await page.goto(`/traces/${traceId}`);
  const rows = page.getByRole("treegrid").getByRole("row");
  await expect(rows).toHaveCount(3);
  await rows.first().click();
  const details = page.getByRole("complementary", { name: "Span details" });
  await expect(details).toContainText("An access log tells of it too.");
  await details.getByRole("link", { name: "Open the exchange" }).click();
  await expect(page.locator("pre")).toContainText("10.0.0.2:3000");
});

function attributesOf(values: object): object[] {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

test("a span that names its upstreams itself shows them as attempts", async ({ page, stack }) => {
  const traceId = randomBytes(16).toString("hex");
  const startMs = Date.now() - 5_000;
  const said = {
    "http.request.method": "GET",
    "url.path": "/hop.example/d/@v/list",
    "nginx.upstream_addr": "10.0.0.1:80, 10.0.0.2:80",
    "nginx.upstream_status": "502, 200",
    "nginx.upstream_response_time": "0.010, 0.040",
  };
  const span = {
    traceId,
    spanId: randomBytes(8).toString("hex"),
    kind: 2,
    name: "GET",
    startTimeUnixNano: `${startMs}000000`,
    endTimeUnixNano: `${startMs + 50}000000`,
    attributes: attributesOf(said),
  };
  const resource = { attributes: attributesOf({ "service.name": "hop-told" }) };
  const answer = await fetch(`${stack.ingestUrl}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
  });
  expect(answer.status).toBe(200);
  await page.goto(`/traces/${traceId}`);
  await page.getByRole("treegrid").getByRole("row").first().click();
  const details = page.getByRole("complementary", { name: "Span details" });
  const attempts = details.getByRole("list").filter({ hasText: "10.0.0.1:80" });
  await expect(attempts.getByRole("listitem")).toHaveText([
    "10.0.0.1:80 502 10 ms",
    "10.0.0.2:80 200 40 ms",
  ]);
});

test("an exchange leads to the trace that only its own log line names, and an unknown trace to log lines", async ({
  page,
  stack,
}) => {
  const traceId = randomBytes(16).toString("hex");
  const path = "/hop.example/c/@v/list";
  await sendEdgeLine(stack, { proxy: "hop-alone", traceId, path, endMs: Date.now() - 1_000 });
  await page.goto("/exchanges?proxy=hop-alone");
  await page.getByRole("link", { name: /^Open the record of hop\.example\/c/ }).click();
  await page.getByRole("link", { name: traceId }).click();
  await expect(page).toHaveURL(new RegExp(`/traces/${traceId}`));
  await expect(page.getByRole("treegrid").getByRole("row")).toHaveCount(3);
  const unknown = randomBytes(16).toString("hex");
  await page.goto(`/traces/${unknown}`);
  await page.getByRole("link", { name: "Look for log lines with this trace id" }).click();
  await expect(page).toHaveURL(new RegExp(`/logs\\?trace=${unknown}`));
});
