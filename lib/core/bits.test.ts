import fc from "fast-check";
import { expect, it } from "vitest";

import { BitReader, BitWriter } from "./bits.ts";

const number = fc.integer({ min: 0, max: 53 }).chain((width) =>
  fc.record({
    width: fc.constant(width),
    value: fc.oneof(
      fc.maxSafeNat().map((value) => value % 2 ** width),
      fc.constantFrom(0, 2 ** width - 1),
    ),
  }),
);
const rice = fc
  .record({
    rice: fc.nat(40),
    quotient: fc.oneof(fc.nat(40), fc.nat(3_000)),
    rest: fc.maxSafeNat(),
  })
  .map(({ rice: parameter, quotient, rest }) => ({
    rice: parameter,
    value: quotient * 2 ** parameter + (rest % 2 ** parameter),
  }));

it("reads numbers of any width as they were written, one after another", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(number, rice), { maxLength: 300 }), (written) => {
      const writer = new BitWriter();
      for (const one of written) {
        if ("rice" in one) writer.writeRice(one.value, one.rice);
        else writer.writeWide(one.value, one.width);
      }
      const bytes = writer.finish();
      const reader = new BitReader(bytes);
      for (const one of written) {
        const value = "rice" in one ? reader.readRice(one.rice) : reader.readWide(one.width);
        expect(value).toBe(one.value);
      }
      expect(bytes.length).toBe((reader.position + 7) >>> 3);
    }),
  );
});

it.each([
  ["a number", 0, (reader: BitReader) => reader.read(9)],
  ["a wide number", 0, (reader: BitReader) => reader.readWide(40)],
  ["a number without an end", 0, (reader: BitReader) => reader.readRice(3)],
  ["one whose rest is missing", 1, (reader: BitReader) => reader.readRice(3)],
])("refuses to read %s beyond the end", (_, byte, read) => {
  expect(() => read(new BitReader(Uint8Array.of(byte)))).toThrow(RangeError);
});
