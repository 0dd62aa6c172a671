import protobuf from "protobufjs/light.js";

import { type FieldDescriptor, fieldsOf, isScalar, messages } from "./descriptors.ts";
import type { MessageName } from "./message-names.ts";

/** An attribute value as JSON: bytes in base64, integers beyond 2^53 and what is no finite number as strings. */
export type DetailValue =
  | string
  | number
  | boolean
  | null
  | DetailValue[]
  | { [key: string]: DetailValue };

/** A 64-bit number as the library gives it. */
interface Int64 {
  toNumber(): number;
  toString(): string;
}

interface AnyValue {
  readonly stringValue?: Uint8Array;
  readonly boolValue?: boolean;
  readonly intValue?: Int64;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values: readonly KeyValue[] };
  readonly bytesValue?: Uint8Array;
}

interface KeyValue {
  readonly key: Uint8Array;
  readonly value: AnyValue | null;
}

class Resource extends protobuf.Message<Resource> {
  declare readonly attributes: readonly KeyValue[];
}

class Scope extends protobuf.Message<Scope> {
  declare readonly name: Uint8Array;
}

class Span extends protobuf.Message<Span> {
  declare readonly traceId: Uint8Array;
  declare readonly spanId: Uint8Array;
  declare readonly parentSpanId: Uint8Array;
  declare readonly name: Uint8Array;
  declare readonly kind: number;
  declare readonly startTimeUnixNano: Int64;
  declare readonly endTimeUnixNano: Int64;
  declare readonly attributes: readonly KeyValue[];
  declare readonly events: readonly SpanEvent[];
  declare readonly links: readonly SpanLink[];
  declare readonly status: { readonly code: number; readonly message: Uint8Array } | null;
}

interface SpanEvent {
  readonly timeUnixNano: Int64;
  readonly name: Uint8Array;
  readonly attributes: readonly KeyValue[];
}

interface SpanLink {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly attributes: readonly KeyValue[];
}

class LogRecord extends protobuf.Message<LogRecord> {
  declare readonly timeUnixNano: Int64;
  declare readonly observedTimeUnixNano: Int64;
  declare readonly severityNumber: number;
  declare readonly severityText: Uint8Array;
  declare readonly body: AnyValue | null;
  declare readonly attributes: readonly KeyValue[];
  declare readonly traceId: Uint8Array;
  declare readonly spanId: Uint8Array;
}

const utf8 = new TextDecoder();
const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(Array.from(messages.keys(), (name) => [name, typeFor(name)])),
});
root.lookupType("Span").ctor = Span;
root.lookupType("LogRecord").ctor = LogRecord;
root.lookupType("Resource").ctor = Resource;
root.lookupType("InstrumentationScope").ctor = Scope;

export function spanOf(bytes: Uint8Array): Span {
  return Span.decode(bytes);
}

export function logRecordOf(bytes: Uint8Array): LogRecord {
  return LogRecord.decode(bytes);
}

export function resourceOf(bytes: Uint8Array): Record<string, DetailValue> {
  return attributesOf(Resource.decode(bytes).attributes);
}

export function scopeNameOf(bytes: Uint8Array): string {
  return stringOf(Scope.decode(bytes).name);
}

/** The service that a resource is of. */
export function serviceOf(resource: Readonly<Record<string, DetailValue>>): string {
  const name = resource["service.name"];
  return typeof name === "string" && name !== "" ? name : "unknown_service";
}

/** A string as it came, with what is no UTF-8 replaced. */
export function stringOf(bytes: Uint8Array | undefined): string {
  // Where it is absent the library gives an empty list, which is no bytes.
  return bytes === undefined || bytes.length === 0 ? "" : utf8.decode(bytes);
}

/** Attributes by key; the last of several with one key counts. */
export function attributesOf(list: readonly KeyValue[]): Record<string, DetailValue> {
  // fromEntries makes own properties of whatever name, `__proto__` too.
  return Object.fromEntries(list.map(({ key, value }) => [stringOf(key), valueOf(value)]));
}

export function valueOf(value: AnyValue | null): DetailValue {
  if (value === null) return null;
  // What is absent on the wire is only on the prototype; of several, the last counts.
  const kind = Object.keys(value).findLast((name) => kinds.has(name)) ?? "";
  return kinds.get(kind)?.(value) ?? null;
}

const kinds = new Map<string, (value: AnyValue) => DetailValue>([
  ["stringValue", (value) => stringOf(value.stringValue)],
  ["boolValue", (value) => value.boolValue ?? null],
  ["intValue", (value) => integerOf(value.intValue)],
  ["doubleValue", (value) => doubleOf(value.doubleValue ?? 0)],
  ["arrayValue", (value) => (value.arrayValue?.values ?? []).map(valueOf)],
  ["kvlistValue", (value) => attributesOf(value.kvlistValue?.values ?? [])],
  ["bytesValue", (value) => base64Of(value.bytesValue)],
]);

function integerOf(value: Int64 | undefined): number | string {
  if (value === undefined) return 0;
  const number = value.toNumber();
  return Number.isSafeInteger(number) ? number : value.toString();
}

function doubleOf(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function base64Of(bytes: Uint8Array | undefined): string {
  return btoa(Array.from(bytes ?? [], (byte) => String.fromCharCode(byte)).join(""));
}

function typeFor(name: MessageName): protobuf.IType {
  const fields = fieldsFor(name);
  // Only as one of several is a value that is false, 0 or empty told from none.
  return name === "AnyValue"
    ? { fields, oneofs: { value: { oneof: Object.keys(fields) } } }
    : { fields };
}

function fieldsFor(name: MessageName): Record<string, protobuf.IField> {
  return Object.fromEntries(
    Array.from(fieldsOf(name), ([field, descriptor]) => [field, fieldFor(descriptor)]),
  );
}

function fieldFor({ number, type, repeated }: FieldDescriptor): protobuf.IField {
  return { id: number, type: wireTypeOf(type), ...(repeated && { rule: "repeated" }) };
}

function wireTypeOf(type: FieldDescriptor["type"]): string {
  if (!isScalar(type)) return type;
  // The library refuses a whole message for one string that is no UTF-8.
  if (type === "id" || type === "string") return "bytes";
  return type === "enum" ? "int32" : type;
}
