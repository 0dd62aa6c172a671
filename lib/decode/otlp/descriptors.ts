import { type Fields, type MessageName, type Scalar, scalars } from "./message-names.ts";
import { metricMessages } from "./metric-descriptors.ts";

export interface FieldDescriptor {
  readonly number: number;
  readonly type: Scalar | MessageName;
  readonly repeated: boolean;
}

/** The messages of OTLP 1.11. */
const tables: readonly (readonly [MessageName, Fields])[] = [
  [
    "AnyValue",
    {
      stringValue: [1, "string"],
      boolValue: [2, "bool"],
      intValue: [3, "int64"],
      doubleValue: [4, "double"],
      arrayValue: [5, "ArrayValue"],
      kvlistValue: [6, "KeyValueList"],
      bytesValue: [7, "bytes"],
    },
  ],
  ["ArrayValue", { values: [1, "AnyValue", true] }],
  ["KeyValueList", { values: [1, "KeyValue", true] }],
  ["KeyValue", { key: [1, "string"], value: [2, "AnyValue"] }],
  [
    "InstrumentationScope",
    {
      name: [1, "string"],
      version: [2, "string"],
      attributes: [3, "KeyValue", true],
      droppedAttributesCount: [4, "uint32"],
    },
  ],
  ["Resource", { attributes: [1, "KeyValue", true], droppedAttributesCount: [2, "uint32"] }],

  ["ExportTraceServiceRequest", { resourceSpans: [1, "ResourceSpans", true] }],
  [
    "ResourceSpans",
    {
      resource: [1, "Resource"],
      scopeSpans: [2, "ScopeSpans", true],
      schemaUrl: [3, "string"],
    },
  ],
  [
    "ScopeSpans",
    {
      scope: [1, "InstrumentationScope"],
      spans: [2, "Span", true],
      schemaUrl: [3, "string"],
    },
  ],
  [
    "Span",
    {
      traceId: [1, "id"],
      spanId: [2, "id"],
      traceState: [3, "string"],
      parentSpanId: [4, "id"],
      name: [5, "string"],
      kind: [6, "enum"],
      startTimeUnixNano: [7, "fixed64"],
      endTimeUnixNano: [8, "fixed64"],
      attributes: [9, "KeyValue", true],
      droppedAttributesCount: [10, "uint32"],
      events: [11, "SpanEvent", true],
      droppedEventsCount: [12, "uint32"],
      links: [13, "SpanLink", true],
      droppedLinksCount: [14, "uint32"],
      status: [15, "SpanStatus"],
      flags: [16, "fixed32"],
    },
  ],
  [
    "SpanEvent",
    {
      timeUnixNano: [1, "fixed64"],
      name: [2, "string"],
      attributes: [3, "KeyValue", true],
      droppedAttributesCount: [4, "uint32"],
    },
  ],
  [
    "SpanLink",
    {
      traceId: [1, "id"],
      spanId: [2, "id"],
      traceState: [3, "string"],
      attributes: [4, "KeyValue", true],
      droppedAttributesCount: [5, "uint32"],
      flags: [6, "fixed32"],
    },
  ],
  ["SpanStatus", { message: [2, "string"], code: [3, "enum"] }],

  ["ExportLogsServiceRequest", { resourceLogs: [1, "ResourceLogs", true] }],
  [
    "ResourceLogs",
    {
      resource: [1, "Resource"],
      scopeLogs: [2, "ScopeLogs", true],
      schemaUrl: [3, "string"],
    },
  ],
  [
    "ScopeLogs",
    {
      scope: [1, "InstrumentationScope"],
      logRecords: [2, "LogRecord", true],
      schemaUrl: [3, "string"],
    },
  ],
  [
    "LogRecord",
    {
      timeUnixNano: [1, "fixed64"],
      severityNumber: [2, "enum"],
      severityText: [3, "string"],
      body: [5, "AnyValue"],
      attributes: [6, "KeyValue", true],
      droppedAttributesCount: [7, "uint32"],
      flags: [8, "fixed32"],
      traceId: [9, "id"],
      spanId: [10, "id"],
      observedTimeUnixNano: [11, "fixed64"],
      eventName: [12, "string"],
    },
  ],
  ...metricMessages,
];

const scalarNames: ReadonlySet<string> = new Set(scalars);

/** Whether a type is written as one value, not as a message. */
export function isScalar(type: Scalar | MessageName): type is Scalar {
  return scalarNames.has(type);
}

/** Every message's fields by the name that OTLP/JSON gives them. */
export const messages: ReadonlyMap<MessageName, ReadonlyMap<string, FieldDescriptor>> = new Map(
  tables.map(([name, fields]) => [name, fieldMap(fields)]),
);

/** The fields of a message. */
export function fieldsOf(name: MessageName): ReadonlyMap<string, FieldDescriptor> {
  return messages.get(name) ?? new Map();
}

function fieldMap(fields: Fields): ReadonlyMap<string, FieldDescriptor> {
  return new Map(
    Object.entries(fields).map(([name, [number, type, repeated]]) => [
      name,
      { number, type, repeated: repeated === true },
    ]),
  );
}
