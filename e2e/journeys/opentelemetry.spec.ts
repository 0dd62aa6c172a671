import { OverviewPage } from "../pages/overview.ts";
import { exactPercentile, isWithinOnePercent } from "../pages/readings.ts";
import { UpstreamPage } from "../pages/upstream.ts";
import { exportSpans, RealSpans, type Encoding, type RealTrace } from "../stack/real-spans.ts";
import { expect, test } from "../stack/test.ts";

const traces = 120;
const encodings: readonly Encoding[] = ["protobuf", "json"];

/** What becomes of each trace: the first mirror answers, or fails in one of two ways and the second one answers. */
const firstStatus = (number: number): number | null =>
  number % 6 === 0 ? 503 : number % 15 === 1 ? null : 200;
const firstMs = (number: number): number => 12 + ((number * 53) % 190);
const secondMs = (number: number): number => 30 + ((number * 29) % 70);
const numbers = Array.from({ length: traces }, (_, number) => number);
const failing = numbers.filter((number) => firstStatus(number) === 503).length;
const refused = numbers.filter((number) => firstStatus(number) === null).length;

function recordTraces(proxy: string, first: string, second: string): RealTrace[] {
  const spans = new RealSpans(proxy);
  const startMs = Date.now() - 60_000;
  return numbers.map((number) =>
    spans.record(`/example.com/m/@v/v1.0.${number}.info`, startMs + 100 * number, [
      { upstream: first, status: firstStatus(number), durationMs: firstMs(number) },
      ...(firstStatus(number) === 200
        ? []
        : [{ upstream: second, status: 200, durationMs: secondMs(number) }]),
    ]),
  );
}

/** The last attempt first, then the exchange, then the first attempt, and what joins them at the end. */
const inWrongOrder = (sent: readonly RealTrace[]) => [
  sent.flatMap(({ clients }) => clients.slice(1)),
  sent.map(({ server }) => server),
  sent.flatMap(({ clients }) => clients.slice(0, 1)).toReversed(),
  sent.map(({ internal }) => internal),
];

for (const encoding of encodings) {
  test.describe(`spans of OpenTelemetry's SDK as ${encoding}, each trace split over requests in the wrong order`, () => {
    const proxy = `sdk-${encoding}`;
    const [first, second] = [`first.${encoding}.example`, `second.${encoding}.example`];
    let sent: readonly RealTrace[];

    test.beforeAll(async ({ stack }) => {
      sent = recordTraces(proxy, first, second);
      for (const part of inWrongOrder(sent)) await exportSpans(stack.ingestUrl, encoding, part);
    });

    test("the pages count attempts, errors and fallbacks exactly", async ({ page, stack }) => {
      await page.goto("/");
      const overview = new OverviewPage(page);
      await expect(overview.proxyFigure(proxy, "Fallbacks")).toHaveText(String(failing + refused));
      await expect(overview.proxyFigure(proxy, "Error rate")).toHaveText("0%");
      const edge = overview.fallbacks(proxy);
      await expect(edge).toHaveCount(1);
      await expect(edge).toContainText(`5xx ${failing}`);
      await expect(edge).toContainText(`transport failure ${refused}`);

      const upstream = new UpstreamPage(page);
      await upstream.open(stack.webUrl, proxy, first);
      await expect(upstream.figure("Attempts")).toHaveText(String(traces));
      await expect(upstream.note("Error rate")).toHaveText(`${failing + refused} of ${traces}`);
      await expect(upstream.figure("Fallbacks")).toHaveText(String(failing + refused));
      await upstream.open(stack.webUrl, proxy, second);
      await expect(upstream.figure("Attempts")).toHaveText(String(failing + refused));
      await expect(upstream.note("Error rate")).toHaveText(`0 of ${failing + refused}`);
    });

    test("the page's P95 is within 1 % of the exact one", async ({ page, stack }) => {
      const upstream = new UpstreamPage(page);
      await upstream.open(stack.webUrl, proxy, first);
      const shown = await upstream.figure("P95").innerText();
      expect(isWithinOnePercent(shown, exactPercentile(numbers.map(firstMs), 950)), shown).toBe(
        true,
      );
    });

    test("a trace is one again, whatever requests its spans came in", async ({ page }) => {
      const split = sent.find(({ clients }) => clients.length === 2);
      await page.goto(`/traces/${split?.traceId ?? ""}`);
      const waterfall = page.getByRole("treegrid");
      await expect(waterfall.getByRole("row")).toHaveCount(4);
      await expect(page.getByText("4 spans")).toBeVisible();
    });
  });
}
