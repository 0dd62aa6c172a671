import { expect, it } from "vitest";

import { tracesFromJson } from "./otlp-json.ts";
import { partsHolding } from "./otlp-parts.ts";
import { decodeTraces } from "./otlp-traces.ts";

const ids = ["a", "b", "c"].map((digit) => digit.repeat(32));
const bytesOf = (id: string) => Buffer.from(id, "hex");

/** Six requests one behind another, each with two scopes of two spans; the third id stands in the last alone. */
const payload = Buffer.concat(
  [0, 1, 2, 3, 4, 5].map((request) =>
    tracesFromJson(
      JSON.stringify({
        resourceSpans: [
          {
            resource: { attributes: [{ key: "service.name", value: { stringValue: "edge" } }] },
            scopeSpans: [0, 1].map((scope) => ({
              spans: [0, 1].map((index) => ({
                traceId: request === 5 ? ids[2] : ids[request % 2],
                spanId: `0000000000000${request}${scope}${index + 1}`,
                kind: 2,
                name: "GET",
                startTimeUnixNano: "1795000000123456789",
                endTimeUnixNano: "1795000000123456789",
              })),
            })),
          },
        ],
      }),
    ),
  ),
);

function positionsIn(parts: ReturnType<typeof partsHolding>): number[] {
  return parts.flatMap(({ firstPosition, payload: part }) =>
    decodeTraces(part).spans.map(({ position }) => firstPosition + position),
  );
}

it("gives the parts with an id, whose spans keep their positions", () => {
  expect(positionsIn(partsHolding(payload, [bytesOf(ids[0] ?? "")]))).toEqual([
    0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19,
  ]);
  expect(positionsIn(partsHolding(payload, [bytesOf(ids[2] ?? "")]))).toEqual([20, 21, 22, 23]);
});

it("looks for several ids, and for the ends of ids", () => {
  const ends = ids.slice(1).map((id) => bytesOf(id.slice(16)));
  expect(partsHolding(payload, ends).map(({ firstPosition }) => firstPosition)).toEqual([
    4, 12, 20,
  ]);
});

it("gives nothing where no id stands", () => {
  expect(partsHolding(payload, [bytesOf("d".repeat(32))])).toEqual([]);
  expect(partsHolding(payload, [])).toEqual([]);
  expect(partsHolding(new Uint8Array(), [bytesOf(ids[0] ?? "")])).toEqual([]);
});
