import fc from "fast-check";
import { expect, it } from "vitest";

import { BrokenFraming, SyslogFraming } from "./framing.ts";

const bytesMax = 40;

/** The messages of a connection that sends these bytes in chunks of so many, and how many were too long. */
function read(text: string, chunk = text.length) {
  let tooLong = 0;
  const framing = new SyslogFraming(bytesMax, () => (tooLong += 1));
  const bytes = Buffer.from(text);
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunk) {
    messages.push(...framing.take(bytes.subarray(at, at + chunk)));
  }
  const { isPartial } = framing;
  messages.push(...framing.end());
  return { messages: messages.map((message) => message.toString()), tooLong, isPartial };
}

const long = "x".repeat(bytesMax + 1);

it.each([
  ["lines", "<1>a\n<2>b\n", ["<1>a", "<2>b"], 0],
  ["empty lines", "\n\n<1>a\n\n", ["<1>a"], 0],
  ["a last line without an end", "<1>a\n<2>b", ["<1>a", "<2>b"], 0],
  ["counted messages, also with line ends in them", "4 <1>a7 <2>b\nc\n", ["<1>a", "<2>b\nc\n"], 0],
  ["both, one after the other", "4 <1>a<2>b\n4 <3>c", ["<1>a", "<2>b", "<3>c"], 0],
  ["counts in octets, not in characters", "6 <1>öa<2>b\n", ["<1>öa", "<2>b"], 0],
  ["a line that is too long is left out alone", `<1>a\n<2>${long}\n<3>c\n`, ["<1>a", "<3>c"], 1],
  ["and so is a counted one", `4 <1>a41 ${long}4 <3>c`, ["<1>a", "<3>c"], 1],
  [
    "and one of the longest that is taken is not",
    `<${"x".repeat(bytesMax - 1)}\n`,
    [`<${"x".repeat(bytesMax - 1)}`],
    0,
  ],
  ["a counted message that is cut off is none", "9 <1>a", [], 0],
])("reads %s, however they are cut", (_, text, messages, tooLong) => {
  for (const chunk of [1, 2, 3, 7, text.length]) {
    expect(read(text, chunk)).toMatchObject({ messages, tooLong });
  }
});

it("knows when a sender owes the rest", () => {
  expect(read("<1>a\n")).toMatchObject({ isPartial: false });
  expect(read("<1>a\n<2>")).toMatchObject({ isPartial: true });
  expect(read("5 <1>")).toMatchObject({ isPartial: true });
  expect(read(`<1>${long}`)).toMatchObject({ isPartial: true });
});

it.each(["12345678901 <1>a", "1a <1>a\nbcdef", "0 <1>aaaaaaaaaa"])("refuses %j", (text) => {
  expect(() => read(text)).toThrow(BrokenFraming);
});

it("gives the messages that stand before what no framing knows", () => {
  const framing = new SyslogFraming(bytesMax, () => {});
  const messages: string[] = [];
  expect(() => {
    for (const message of framing.take(Buffer.from("5 <1>ab<1>c\n1a <1>d\n"))) {
      messages.push(message.toString());
    }
  }).toThrow(BrokenFraming);
  expect(messages).toEqual(["<1>ab", "<1>c"]);
});

it("never holds more than a message, nor gives one that is too long, whatever comes", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 }), (chunks) => {
      const framing = new SyslogFraming(bytesMax, () => {});
      try {
        const messages = chunks.flatMap((chunk) => [...framing.take(Buffer.from(chunk))]);
        expect(messages.every(({ length }) => length <= bytesMax)).toBe(true);
      } catch (error) {
        if (!(error instanceof BrokenFraming)) throw error;
      }
    }),
    { numRuns: 3_000 },
  );
});
