import { describe, expect, it } from "vitest";

import { createMetrics, mergedFamilies, metricsText } from "./metrics.ts";

describe("metrics", () => {
  it("are written as Prometheus text, one family after another", () => {
    const metrics = createMetrics();
    metrics.counter("records_total", "Records.", { outcome: "accepted" }).add(3);
    metrics.counter("records_total", "Records.", { outcome: "rejected" }).add(1);
    metrics.gauge("queue_bytes", "Held.").set(2.5);
    expect(metrics.text()).toBe(
      [
        "# HELP records_total Records.",
        "# TYPE records_total counter",
        'records_total{outcome="accepted"} 3',
        'records_total{outcome="rejected"} 1',
        "# HELP queue_bytes Held.",
        "# TYPE queue_bytes gauge",
        "queue_bytes 2.5",
        "",
      ].join("\n"),
    );
  });

  it("count into one series however often it is asked for", () => {
    const metrics = createMetrics();
    metrics.counter("a", "A.", { x: "1" }).add(1);
    metrics.counter("a", "A.", { x: "1" }).add(1);
    expect(metrics.readings()).toMatchObject([{ name: "a", labels: { x: "1" }, value: 2 }]);
  });

  it("put a value that equals a bound into that bucket, and sum buckets upwards", () => {
    const metrics = createMetrics();
    const seconds = metrics.histogram("commit_seconds", "Commits.", [0.1, 1]);
    for (const value of [0.1, 0.5, 4]) seconds.observe(value);
    expect(metrics.text()).toContain(
      [
        'commit_seconds_bucket{le="0.1"} 1',
        'commit_seconds_bucket{le="1"} 2',
        'commit_seconds_bucket{le="+Inf"} 3',
        "commit_seconds_sum 4.6",
        "commit_seconds_count 3",
      ].join("\n"),
    );
  });

  it("read an observed gauge when somebody looks", () => {
    const metrics = createMetrics();
    let depth = 1;
    metrics.observe("depth", "Depth.", () => depth);
    depth = 7;
    expect(metrics.text()).toContain("\ndepth 7\n");
  });

  it("escape what would end a label or a line", () => {
    const metrics = createMetrics();
    metrics.gauge("g", "Two\nlines.", { path: 'C:\\"x"\n' }).set(1);
    expect(metrics.text()).toContain("# HELP g Two\\nlines.\n");
    expect(metrics.text()).toContain('g{path="C:\\\\\\"x\\"\\n"} 1');
  });

  it("refuse one name for two kinds", () => {
    const metrics = createMetrics();
    metrics.counter("a", "A.");
    expect(() => metrics.gauge("a", "A.")).toThrow("a is already a counter");
  });

  it("of several processes are one family each, whose series say which process they are of", () => {
    const [first, second] = [createMetrics(), createMetrics()];
    first.counter("a_total", "A.", { x: "1" }).add(1);
    second.counter("a_total", "A.", { x: "1" }).add(2);
    second.histogram("b", "B.", [1]).observe(3);
    const processes = new Map([
      ["0", first.snapshot()],
      ["1", second.snapshot()],
    ]);
    expect(metricsText(mergedFamilies(processes))).toBe(
      [
        "# HELP a_total A.",
        "# TYPE a_total counter",
        'a_total{x="1",process="0"} 1',
        'a_total{x="1",process="1"} 2',
        "# HELP b B.",
        "# TYPE b histogram",
        'b_bucket{le="1",process="1"} 0',
        'b_bucket{le="+Inf",process="1"} 1',
        'b_sum{process="1"} 3',
        'b_count{process="1"} 1',
        "",
      ].join("\n"),
    );
  });
});
