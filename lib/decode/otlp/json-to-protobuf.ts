import { checkJsonBounds, tooDeep } from "../json-bounds.ts";
import { MalformedPayload } from "../malformed.ts";
import { type FieldDescriptor, fieldsOf, isScalar } from "./descriptors.ts";
import { ExactInteger, writeScalar } from "./json-values.ts";
import type { MessageName } from "./message-names.ts";
import { Writer } from "./writer.ts";

/** Messages inside each other, counted as the protobuf decoders count them. */
const depthMax = 95;

/** Digits that may be an integer beyond 2^53, where a value stands. */
const longInteger = /[:,[]\s*-?\d{16}/;

/** A request in OTLP/JSON as the same message in protobuf; throws MalformedPayload when it is none. */
export function protobufOfJson(text: string, message: MessageName): Uint8Array<ArrayBuffer> {
  const value = parsed(text.startsWith("\uFEFF") ? text.slice(1) : text);
  if (!isObject(value)) throw new MalformedPayload("The body must be a JSON object.");
  const writer = new Writer(text.length >> 1);
  writeMessage(writer, message, value, 0);
  return writer.finish();
}

function parsed(text: string): unknown {
  checkJsonBounds(text);
  try {
    return longInteger.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MalformedPayload(`The body is not valid JSON: ${reason.slice(0, 200)}.`);
  }
}

/** Reviver that keeps the digits of integers that a double cannot hold. */
function keepDigits(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return /^-?\d+$/.test(source) ? new ExactInteger(source) : value;
}

function writeMessage(
  writer: Writer,
  message: MessageName,
  value: Readonly<Record<string, unknown>>,
  depth: number,
): void {
  if (depth > depthMax) throw tooDeep();
  const fields = fieldsOf(message);
  for (const name in value) {
    const field = fields.get(name);
    const item = value[name];
    // What is unknown is ignored, and null is the default (proto3 JSON mapping).
    if (field === undefined || item === null) continue;
    if (field.repeated) writeList(writer, field, name, item, depth);
    else writeField(writer, field, name, item, depth);
  }
}

function writeList(
  writer: Writer,
  field: FieldDescriptor,
  name: string,
  value: unknown,
  depth: number,
): void {
  if (!Array.isArray(value)) throw new MalformedPayload(`"${name}" must be a list.`);
  for (const item of value) writeField(writer, field, name, item, depth);
}

function writeField(
  writer: Writer,
  field: FieldDescriptor,
  name: string,
  value: unknown,
  depth: number,
): void {
  const { number, type } = field;
  if (isScalar(type)) {
    writeScalar(writer, type, number, name, value);
    return;
  }
  if (!isObject(value)) throw new MalformedPayload(`"${name}" must be an object.`);
  const start = writer.open(number);
  writeMessage(writer, type, value, depth + 1);
  writer.close(start);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  return !Array.isArray(value) && !(value instanceof ExactInteger);
}
