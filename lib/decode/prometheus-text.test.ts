import { expect, it } from "vitest";

import { decodePrometheusPage } from "./prometheus-text.ts";

const atUs = 1_795_000_000_000_000;

function decode(text: string, openMetrics = false, samplesMax = 1_000) {
  return decodePrometheusPage(text, { proxy: "p", instance: "h:1", atUs, openMetrics, samplesMax });
}

function summary(text: string, openMetrics = false) {
  return decode(text, openMetrics).points.map(({ series, value }) => [
    series.name,
    series.kind,
    series.unit,
    series.attributes,
    value,
  ]);
}

it("reads what Athens shows, with its kinds and units", () => {
  const page = `# HELP proxy_cache_lookup_total Cache lookups.
# TYPE proxy_cache_lookup_total counter
proxy_cache_lookup_total{cache_result="hit",cache_type="zip"} 41
proxy_cache_lookup_total{cache_result="miss",cache_type="zip"} 1.5e+01
# TYPE go_memstats_heap_bytes gauge
go_memstats_heap_bytes 1024 1795000000123
# TYPE proxy_upstream_fetch_duration_seconds histogram
proxy_upstream_fetch_duration_seconds_bucket{le="0.05"} 2
proxy_upstream_fetch_duration_seconds_bucket{le="1"} 5
proxy_upstream_fetch_duration_seconds_bucket{le="+Inf"} 6
proxy_upstream_fetch_duration_seconds_sum 7.25
proxy_upstream_fetch_duration_seconds_count 6
`;
  expect(summary(page)).toEqual([
    ["proxy_cache_lookup_total", "counter", "", { cache_result: "hit", cache_type: "zip" }, 41],
    ["proxy_cache_lookup_total", "counter", "", { cache_result: "miss", cache_type: "zip" }, 15],
    ["go_memstats_heap_bytes", "gauge", "By", {}, 1024],
    ["proxy_upstream_fetch_duration_seconds", "histogram", "s", {}, 6],
  ]);
  const { points, samples } = decode(page);
  expect(samples).toBe(8);
  expect(points[3]?.histogram).toEqual({ bounds: [0.05, 1], counts: [2, 3, 1], sum: 7.25 });
  expect(points[1]).toMatchObject({
    atUs,
    series: { origin: "scrape", proxy: "p", instance: "h:1" },
  });
  expect(points[2]?.atUs).toBe(1_795_000_000_123_000);
});

it("reads OpenMetrics: units, starts, exemplars, times in seconds, and nothing behind its end", () => {
  const page = `# TYPE requests counter
# UNIT wait seconds
# TYPE wait gauge
requests_total{code="200"} 17 1795000000.5 # {trace_id="abc"} 1 1795000000
requests_created{code="200"} 1794999000.25
wait 0.5
# EOF
late 1
`;
  const { points } = decode(page, true);
  expect(points).toMatchObject([
    {
      series: { name: "requests_total", kind: "counter", attributes: { code: "200" } },
      value: 17,
      atUs: 1_795_000_000_500_000,
      startUs: 1_794_999_000_250_000,
    },
    { series: { name: "wait", kind: "gauge", unit: "s" }, value: 0.5 },
  ]);
});

it("a summary is its quantiles, its sum and its count", () => {
  const page = `# TYPE rpc summary
rpc{quantile="0.5"} 0.25
rpc{quantile="0.99"} NaN
rpc_sum 10
rpc_count 40
`;
  expect(summary(page)).toEqual([
    ["rpc", "gauge", "", { quantile: "0.5" }, 0.25],
    ["rpc_sum", "counter", "", {}, 10],
    ["rpc_count", "counter", "", {}, 40],
  ]);
});

it.each([
  ['a{x="1\\"2\\\\3\\n4"} 1', { x: '1"2\\3\n4' }],
  ["a{} 1", {}],
  ['a{x="}",y="a,b",} 1', { x: "}", y: "a,b" }],
  ['a { x = "1" , y = "2" } 1', { x: "1", y: "2" }],
])("labels of %s", (line, labels) => {
  expect(summary(line)[0]?.[3]).toEqual(labels);
});

it.each([
  ["a", "syntax"],
  ["a one", "syntax"],
  ["a 1 2 3", "syntax"],
  ["1a 1", "syntax"],
  ['a{x="1} 1', "syntax"],
  ["a{x=1} 1", "syntax"],
  ["a +Inf", "value"],
  [`${"a".repeat(301)} 1`, "syntax"],
  [`a{${Array.from({ length: 65 }, (_, n) => `l${n}="v"`).join(",")}} 1`, "labels"],
  ['# TYPE h histogram\nh_bucket{le="1"} 5\nh_bucket{le="+Inf"} 3', "histogram"],
  ['# TYPE h histogram\nh_bucket{le="1"} 5', "histogram"],
])("%s is refused alone", (line, reason) => {
  const { points, rejectedByKind } = decode(`good 1\n${line}\n`);
  expect(points.map(({ series }) => series.name)).toEqual(["good"]);
  expect(rejectedByKind).toEqual({ [reason]: 1 });
});

it("samples beyond the limit are refused and counted", () => {
  const { points, rejectedByKind } = decode("a 1\nb 2\nc 3\n", false, 2);
  expect([points.length, rejectedByKind]).toEqual([2, { sample_limit: 1 }]);
});

it("any text is read in time, to finite values", () => {
  let state = 11;
  const random = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
  const parts = [
    "a",
    "_total",
    "{",
    "}",
    '"',
    "\\",
    "=",
    ",",
    " ",
    "1",
    ".",
    "e",
    "-",
    "#",
    "TYPE",
    "\n",
    "le",
    "_bucket",
    "NaN",
    "é",
  ];
  for (let round = 0; round < 3_000; round += 1) {
    const text = Array.from({ length: random(60) }, () => parts[random(parts.length)]).join("");
    for (const { value } of decode(text).points) expect(Number.isFinite(value)).toBe(true);
  }
  const begun = performance.now();
  decode(`a{x="${"\\".repeat(200_000)}`);
  decode(`a{${" ".repeat(200_000)}`);
  expect(performance.now() - begun).toBeLessThan(1_000);
});
