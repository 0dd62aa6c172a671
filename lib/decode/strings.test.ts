import * as fc from "fast-check";
import { expect, it } from "vitest";

import { bytesOf } from "./bytes.ts";
import { pathTextOf, textOf } from "./strings.ts";

const utf8 = new TextDecoder();

function readBy(read: typeof textOf, bytes: Uint8Array): string {
  // Other bytes around, so that reading too far shows.
  const around = Uint8Array.from([0xff, 0, ...bytes, 0xff, 0]);
  return read(bytesOf(around), 2, 2 + bytes.length);
}

it.each([
  ["textOf", textOf],
  ["pathTextOf", pathTextOf],
])(
  "%s gives the text of any bytes without their NULs, each time it is asked",
  (_, read) => {
    const ascii = fc.uint8Array({ min: 1, max: 127, maxLength: 200 });
    const nearlyAscii = fc.tuple(ascii, fc.constantFrom(0, 0x7f, 0x80, 0xc3, 0xff), ascii);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      ascii,
      nearlyAscii.map(([before, byte, after]) => Uint8Array.from([...before, byte, ...after])),
      fc.string({ unit: "binary", maxLength: 100 }).map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(bytes, (sent) => {
        const expected = utf8.decode(sent).replaceAll("\0", "");
        expect(readBy(read, sent)).toBe(expected);
        expect(readBy(read, sent)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  },
  60_000,
);

it("tells apart texts that differ in one byte, wherever it stands", () => {
  const text = "m00.mirror.example.com:8080/some/path/that/is/long";
  for (let length = 1; length <= text.length; length += 1) {
    for (let at = 0; at < length; at += 1) {
      const other = `${text.slice(0, at)}X${text.slice(at + 1, length)}`;
      expect(readBy(textOf, Buffer.from(text.slice(0, length)))).toBe(text.slice(0, length));
      expect(readBy(textOf, Buffer.from(other))).toBe(other);
    }
  }
});
