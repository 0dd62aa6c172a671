import { expect, test } from "../stack/test.ts";

test("a fresh Viascope is live, ready, and shows its overview without an error", async ({
  page,
  freshStack,
}) => {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  for (const path of ["/api/health", "/api/ready"]) {
    expect((await page.request.get(freshStack.webUrl + path)).status(), path).toBe(200);
  }
  await page.goto(freshStack.webUrl);
  await expect(page).toHaveTitle(/Viascope/);
  await expect(page.getByText(`OTEL_EXPORTER_OTLP_ENDPOINT=${freshStack.webUrl}`)).toBeVisible();
  expect(complaints).toEqual([]);
});

test("telemetry sent to the public address reaches ingest", async ({ request }) => {
  const answer = await request.post("/ingest/access-logs?format=nginx&proxy=edge", {
    data: '203.0.113.9 - - [20/Nov/2026:10:00:00 +0000] "GET /example.com/m/@v/list HTTP/1.1" 200 12 "-" "Go-http-client/2.0"\n',
    headers: { "content-type": "text/plain" },
  });
  expect(answer.status()).toBe(200);
  expect(await answer.json()).toMatchObject({ accepted: 1, rejected: 0 });
});
