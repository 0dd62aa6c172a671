import fc from "fast-check";
import { expect, it } from "vitest";

import type { WaterfallSpan } from "./hop-spans.ts";
import { ancestorsOf, nextError, prepareWaterfall, unfoldedRows } from "./prepare-waterfall.ts";

function span(
  spanId: string,
  parentSpanId: string | null,
  startNs: number,
  endNs: number,
  error = false,
): WaterfallSpan {
  return {
    spanId,
    parentSpanId,
    name: spanId,
    kind: "internal",
    service: `service of ${spanId[0] ?? ""}`,
    scope: "",
    startNs: String(startNs),
    endNs: String(endNs),
    status: error ? "error" : "unset",
    statusMessage: "",
    attributes: {},
    resource: {},
    events: [],
    links: [],
    logged: false,
    exchangeId: null,
    attempts: [],
  };
}

const tree = [
  span("c", "b", 30_000_000, 40_000_000, true),
  span("a", null, 10_000_000, 110_000_000),
  span("d", "a", 50_000_000, 60_000_000),
  span("b", "a", 20_000_000, 45_000_000),
];
const names = (rows: readonly { readonly span: WaterfallSpan }[]) =>
  rows.map((row) => row.span.spanId).join("");

it("puts every parent before its children, siblings by start, whatever order they came in", () => {
  const { rows, totalMs } = prepareWaterfall(tree);
  expect(names(rows)).toBe("abcd");
  expect(rows.map((row) => row.depth)).toEqual([0, 1, 2, 1]);
  expect(rows.map((row) => row.descendants)).toEqual([3, 1, 0, 0]);
  expect(rows.map((row) => row.errorsBelow)).toEqual([1, 1, 0, 0]);
  expect(rows.map((row) => row.offsetMs)).toEqual([0, 10, 20, 40]);
  expect(totalMs).toBe(100);
});

it("folds a span with everything below it", () => {
  const { rows } = prepareWaterfall(tree);
  expect(names(unfoldedRows(rows, new Set(["b"])))).toBe("abd");
  expect(names(unfoldedRows(rows, new Set(["a", "b"])))).toBe("a");
});

it("finds the next error and starts over at the end", () => {
  const { rows } = prepareWaterfall(tree);
  expect(nextError(rows, -1)).toBe(2);
  expect(nextError(rows, 2)).toBe(2);
  expect(nextError(prepareWaterfall([span("a", null, 1, 2)]).rows, 0)).toBeNull();
  expect(nextError([], 0)).toBeNull();
});

it("names who must be unfolded to show a span", () => {
  expect(ancestorsOf(prepareWaterfall(tree).rows, 2)).toEqual(["b", "a"]);
});

it("keeps a span whose parent was not received, at the top", () => {
  const { rows, orphans } = prepareWaterfall([span("a", null, 1, 2), span("x", "lost", 5, 6)]);
  expect(rows.map((row) => [row.span.spanId, row.depth, row.orphan])).toEqual([
    ["a", 0, false],
    ["x", 0, true],
  ]);
  expect(orphans).toBe(1);
});

it("keeps nanoseconds of today, which are beyond exact numbers", () => {
  const base = 1_795_000_000_000_000_000n;
  const [first, second] = [span("a", null, 0, 0), span("b", "a", 0, 0)].map((each, place) => ({
    ...each,
    startNs: String(base + BigInt(place)),
    endNs: String(base + 1_000n),
  }));
  if (first === undefined || second === undefined) throw new TypeError("two spans");
  expect(prepareWaterfall([first, second]).rows[1]?.offsetMs).toBe(0.000_001);
});

it("shows every span once, however the parents are wired", () => {
  const ids = fc.integer({ min: 0, max: 12 });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(ids, fc.option(ids), fc.nat(50), fc.nat(50)), {
        selector: ([id]) => id,
      }),
      (wires) => {
        const spans = wires.map(([id, parent, start, length]) =>
          span(`${id}`, parent === null ? null : `${parent}`, start, start + length),
        );
        const { rows } = prepareWaterfall(spans);
        expect(rows.map((row) => row.span.spanId).toSorted()).toEqual(
          spans.map((each) => each.spanId).toSorted(),
        );
        expect(unfoldedRows(rows, new Set())).toHaveLength(rows.length);
      },
    ),
  );
});

it("nests deeper than the engine's stack", () => {
  const chain = Array.from({ length: 10_000 }, (_, place) =>
    span(`s${place}`, place === 0 ? null : `s${place - 1}`, place, 20_000),
  );
  expect(prepareWaterfall(chain).rows.at(-1)?.depth).toBe(9_999);
});
