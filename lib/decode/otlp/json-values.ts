import { MalformedPayload } from "../malformed.ts";
import { type Halves, int64Of, uint64Of } from "./integers.ts";
import type { Scalar } from "./message-names.ts";
import type { Writer } from "./writer.ts";

/** An integer beyond 2^53 that stood bare in the text, with its digits. */
export class ExactInteger {
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }
}

type Write = (writer: Writer, field: number, name: string, value: unknown) => void;

/** Writes a JSON value as a field of its type; throws MalformedPayload when it is of another. */
export function writeScalar(
  writer: Writer,
  type: Scalar,
  field: number,
  name: string,
  value: unknown,
): void {
  writes[type](writer, field, name, value);
}

const writes: Record<Scalar, Write> = {
  string: (writer, field, name, value) => {
    if (typeof value !== "string") throw wrong(name, "a string");
    writer.string(field, value);
  },
  bytes: (writer, field, name, value) => writer.blob(field, base64(name, value)),
  id: (writer, field, name, value) => {
    if (typeof value !== "string") throw wrong(name, "a string of hex digits");
    writer.blob(field, hex(value));
  },
  bool: (writer, field, name, value) => {
    if (typeof value !== "boolean") throw wrong(name, "true or false");
    writer.varint(field, 0, value ? 1 : 0);
  },
  enum: (writer, field, name, value) => {
    const { high, low } = signed32(name, enumNumbers.get(value) ?? value);
    writer.varint(field, high, low);
  },
  int32: (writer, field, name, value) => {
    const { high, low } = signed32(name, value);
    writer.varint(field, high, low);
  },
  uint32: (writer, field, name, value) => writer.varint(field, 0, unsigned32(name, value)),
  fixed32: (writer, field, name, value) => writer.fixed32(field, unsigned32(name, value)),
  int64: (writer, field, name, value) => {
    const { high, low } = integer(name, value, int64Of);
    writer.varint(field, high, low);
  },
  uint64: (writer, field, name, value) => {
    const { high, low } = integer(name, value, uint64Of);
    writer.varint(field, high, low);
  },
  fixed64: (writer, field, name, value) => {
    const { high, low } = integer(name, value, uint64Of);
    writer.fixed64(field, high, low);
  },
  sint32: (writer, field, name, value) => {
    const { low } = signed32(name, value);
    writer.varint(field, 0, ((low << 1) ^ (low >> 31)) >>> 0);
  },
  sfixed64: (writer, field, name, value) => {
    const { high, low } = integer(name, value, int64Of);
    writer.fixed64(field, high, low);
  },
  double: (writer, field, name, value) => writer.double(field, double(name, value)),
};

/** Names that some senders write in place of the numbers. */
const enumNumbers = new Map<unknown, number>(
  [
    ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"].map(
      (word) => `SPAN_KIND_${word}`,
    ),
    ["UNSET", "OK", "ERROR"].map((word) => `STATUS_CODE_${word}`),
    ["UNSPECIFIED", "DELTA", "CUMULATIVE"].map((word) => `AGGREGATION_TEMPORALITY_${word}`),
  ].flatMap((names) => names.map((name, number): [string, number] => [name, number])),
);

function integer(name: string, value: unknown, parse: (digits: string) => Halves | null): Halves {
  const halves = parse(digitsOf(value));
  if (halves === null) throw wrong(name, "a 64-bit integer, as a number or a decimal string");
  return halves;
}

function digitsOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof ExactInteger) return value.digits;
  return typeof value === "number" && Number.isSafeInteger(value) ? String(value) : "";
}

function signed32(name: string, value: unknown): Halves {
  const halves = integer(name, value, int64Of);
  const number = (halves.high | 0) * 2 ** 32 + halves.low;
  if (number < -(2 ** 31) || number >= 2 ** 31) throw wrong(name, "a 32-bit integer");
  return halves;
}

function unsigned32(name: string, value: unknown): number {
  const halves = uint64Of(digitsOf(value));
  if (halves === null || halves.high !== 0) throw wrong(name, "an unsigned 32-bit integer");
  return halves.low;
}

const numeric = /^-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/;
const notFinite = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

function double(name: string, value: unknown): number {
  if (typeof value === "number") return value;
  const text = value instanceof ExactInteger ? value.digits : value;
  if (typeof text !== "string") throw wrong(name, "a number");
  const number = notFinite.get(text) ?? (numeric.test(text) ? Number(text) : null);
  if (number === null) throw wrong(name, "a number");
  return number;
}

/** Hex as bytes; no bytes where it is no hex, so that only the item with this id is refused. */
function hex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  if (text.length % 2 === 1) return bytes.subarray(0, 0);
  for (let index = 0; index < bytes.length; index += 1) {
    const high = hexDigit(text.charCodeAt(index * 2));
    const low = hexDigit(text.charCodeAt(index * 2 + 1));
    if (high === -1 || low === -1) return bytes.subarray(0, 0);
    bytes[index] = high * 16 + low;
  }
  return bytes;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = (code | 32) - 97;
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

function base64(name: string, value: unknown): Uint8Array {
  if (typeof value !== "string") throw wrong(name, "a base64 string");
  try {
    const text = atob(value.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(text, (char) => char.charCodeAt(0));
  } catch {
    throw wrong(name, "a base64 string");
  }
}

function wrong(name: string, expected: string): MalformedPayload {
  return new MalformedPayload(`"${name}" must be ${expected}.`);
}
