import { OverviewPage } from "../pages/overview.ts";
import { exactPercentile, isWithinOnePercent } from "../pages/readings.ts";
import { UpstreamPage } from "../pages/upstream.ts";
import { freePort } from "../stack/free-port.ts";
import { logFormat, nginxBinary, startNginx, type Nginx } from "../stack/nginx.ts";
import { startOrigin, type Origin } from "../stack/origin.ts";
import { expect, test } from "../stack/test.ts";

test.skip(nginxBinary === null, "nginx is not installed on this machine.");

const proxy = "real-nginx";
const requests = 300;
/** Every fourth answer of the first origin is a 503. */
const isFailing = (number: number): boolean => number % 4 === 0;
/** Every tenth request goes to a port on which nobody listens. */
const isRefused = (number: number): boolean => number % 10 === 5;
const refused = Array.from({ length: requests }, (_, number) => number).filter(isRefused).length;
const failing = Array.from({ length: requests }, (_, number) => number).filter(
  (number) => isFailing(number) && !isRefused(number),
).length;

let nginx: Nginx;
let first: Origin;
let second: Origin;
let closed: string;
let lines: readonly string[];

test.beforeAll(async ({ stack }) => {
  first = await startOrigin((path) => ({
    status: isFailing(numberOf(path)) ? 503 : 200,
    afterMs: 10 + ((numberOf(path) * 37) % 150),
  }));
  second = await startOrigin((path) => ({ status: 200, afterMs: 20 + (numberOf(path) % 60) }));
  closed = `127.0.0.1:${await freePort()}`;
  nginx = await startNginx(nginxBinary ?? "", {
    busy: [first.name, second.name],
    closed: [closed, second.name],
  });
  await sendAll(nginx.url);
  lines = await nginx.logLines(requests);
  const search = new URLSearchParams({ format: "nginx", proxy, log_format: logFormat });
  const answer = await fetch(`${stack.ingestUrl}/ingest/access-logs?${search.toString()}`, {
    method: "POST",
    body: `${lines.join("\n")}\n`,
  });
  expect(await answer.json()).toEqual({
    accepted: requests,
    rejected: 0,
    logLines: 0,
    rejections: [],
  });
});
test.afterAll(async () => {
  await nginx.stop();
  await first.stop();
  await second.stop();
});

test("the page counts a real nginx's attempts and errors exactly, per upstream", async ({
  page,
  stack,
}) => {
  const expected = [
    { name: first.name, attempts: requests - refused, errors: failing, fallbacks: failing },
    { name: second.name, attempts: failing + refused, errors: 0, fallbacks: 0 },
    { name: closed, attempts: refused, errors: refused, fallbacks: refused },
  ];
  const upstream = new UpstreamPage(page);
  for (const { name, attempts, errors, fallbacks } of expected) {
    await upstream.open(stack.webUrl, proxy, name);
    await expect(upstream.figure("Attempts")).toHaveText(String(attempts));
    await expect(upstream.note("Error rate")).toHaveText(`${errors} of ${attempts}`);
    await expect(upstream.figure("Fallbacks")).toHaveText(String(fallbacks));
    await expect(upstream.figure("Retries")).toHaveText("0");
  }
});

test("the page counts each fallback once, with its cause", async ({ page }) => {
  await page.goto("/");
  const overview = new OverviewPage(page);
  await expect(overview.proxyFigure(proxy, "Fallbacks")).toHaveText(String(failing + refused));
  const rows = overview.fallbacks(proxy);
  await expect(rows).toHaveCount(2);
  await expect(rows.filter({ hasText: first.name })).toContainText(`5xx ${failing}`);
  await expect(rows.filter({ hasText: closed })).toContainText(`transport failure ${refused}`);
});

test("the page's P95 is within 1 % of the exact one of the logged times", async ({
  page,
  stack,
}) => {
  const times = lines.map((line) => Number(/ rt=([\d.]+)/.exec(line)?.[1]) * 1_000);
  await page.goto("/");
  const shown = await new OverviewPage(page).proxyFigure(proxy, "P95").innerText();
  expect(isWithinOnePercent(shown, exactPercentile(times, 950)), shown).toBe(true);

  const ofFirst = lines
    .filter((line) => line.includes(`ua="${first.name}`))
    .map((line) => Number(/ urt="([\d.]+)/.exec(line)?.[1]) * 1_000);
  expect(ofFirst).toHaveLength(requests - refused);
  const upstream = new UpstreamPage(page);
  await upstream.open(stack.webUrl, proxy, first.name);
  const shownOfFirst = await upstream.figure("P95").innerText();
  const exactOfFirst = exactPercentile(ofFirst, 950);
  expect(isWithinOnePercent(shownOfFirst, exactOfFirst), shownOfFirst).toBe(true);
});

function numberOf(path: string): number {
  return Number(/v1\.0\.(\d+)/.exec(path)?.[1]);
}

/** Asks nginx for every number, some at a time. */
async function sendAll(url: string): Promise<void> {
  let next = 0;
  const ask = async (): Promise<void> => {
    while (next < requests) {
      const number = next;
      next += 1;
      const group = isRefused(number) ? "closed" : "busy";
      const answer = await fetch(`${url}/${group}/example.com/m/@v/v1.0.${number}.zip`);
      expect(answer.status).toBe(200);
      await answer.text();
    }
  };
  await Promise.all(Array.from({ length: 12 }, ask));
}
