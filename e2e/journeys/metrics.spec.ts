import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";

import { metricSnippets } from "#components/metrics/metric-snippets.ts";

import { accessibilityFaults } from "../pages/accessibility.ts";
import type { Stack } from "../stack/stack.ts";
import { expect, test } from "../stack/test.ts";

/** What a proxy counts of itself, told by OpenTelemetry's own exporter. */
async function exportDownloads(
  stack: Stack,
  service: string,
  counted: Readonly<Record<string, number>>,
): Promise<void> {
  const exporter = new OTLPMetricExporter({ url: `${stack.ingestUrl}/v1/metrics` });
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ "service.name": service }),
    readers: [new PeriodicExportingMetricReader({ exporter })],
  });
  const counter = provider.getMeter("e2e").createUpDownCounter("open_downloads", { unit: "1" });
  for (const [kind, count] of Object.entries(counted)) counter.add(count, { kind });
  await provider.shutdown();
}

test("without metrics the page says how to send some", async ({ page, freshStack }) => {
  await page.goto(`${freshStack.webUrl}/metrics-explorer`);
  const [first] = metricSnippets({ origin: freshStack.webUrl, tokenAsked: false });
  await expect(page.locator("pre").first()).toHaveText(first?.text ?? "");
});

test("what a proxy counts of itself is drawn, narrowed, and found again by its address", async ({
  page,
  stack,
  context,
}) => {
  await exportDownloads(stack, "counting", { zip: 40, list: 2 });
  await page.goto("/metrics-explorer?metric=open_downloads");
  await expect(page.getByRole("combobox", { name: "Metric", exact: true })).toHaveValue(
    "open_downloads",
  );
  await expect(page.getByText("2 series", { exact: true })).toBeVisible();
  expect(await accessibilityFaults(page)).toEqual([]);

  await page.getByRole("combobox", { name: "kind", exact: true }).selectOption("kind: zip");
  await expect(page.getByText("1 series", { exact: true })).toBeVisible();
  await page.getByRole("combobox", { name: "Grouped by" }).selectOption("Grouped by kind");
  await expect(page).toHaveURL(/filter=.*zip/);

  const other = await context.newPage();
  await other.goto(page.url());
  await expect(other.getByText("1 series", { exact: true })).toBeVisible();
  await expect(other.getByRole("combobox", { name: "Grouped by" })).toHaveValue("kind");
  await expect(other.getByRole("button", { name: "Clear filters" })).toBeVisible();

  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(page.getByText("2 series", { exact: true })).toBeVisible();
  await page.goBack();
  await expect(page.getByText("1 series", { exact: true })).toBeVisible();
});
