import { Cursor } from "../otlp/cursor.ts";
import { DatedLines } from "./dated-lines.ts";
import { PushSize } from "./push-size.ts";

/** A stream with its labels as text. */
interface Stream {
  readonly labels: string;
  readonly lines: DatedLines;
}

/** Field numbers with their wire types, of logproto.PushRequest and what is in it. */
const field = {
  streams: 10,
  labels: 10,
  entries: 18,
  timestamp: 10,
  line: 18,
  seconds: 8,
  nanos: 16,
} as const;
const utf8 = new TextDecoder();

/** logproto.PushRequest; structured metadata and the hash of a stream are stepped over. */
export function pushFromProtobuf(body: Uint8Array): Stream[] {
  const cursor = new Cursor(body);
  const size = new PushSize();
  const streams: Stream[] = [];
  while (cursor.next()) {
    if (cursor.tag === field.streams) streams.push(within(cursor, () => streamAt(cursor, size)));
    else cursor.skip();
  }
  return streams;
}

function streamAt(cursor: Cursor, size: PushSize): Stream {
  size.addStream();
  const lines = new DatedLines();
  let labels = "{}";
  while (cursor.next()) {
    if (cursor.tag === field.labels) labels = within(cursor, textAt);
    else if (cursor.tag === field.entries) {
      size.addEntry();
      addEntry(cursor, lines);
    } else cursor.skip();
  }
  return { labels, lines };
}

function addEntry(cursor: Cursor, lines: DatedLines): void {
  const outer = cursor.enter();
  let timeUs = 0;
  let start = 0;
  let end = 0;
  while (cursor.next()) {
    if (cursor.tag === field.timestamp) timeUs = within(cursor, timestampAt);
    else if (cursor.tag === field.line) {
      const entry = cursor.enter();
      start = cursor.at;
      end = cursor.end;
      cursor.leave(entry);
    } else cursor.skip();
  }
  cursor.leave(outer);
  lines.add(cursor, start, end, timeUs);
}

function timestampAt(cursor: Cursor): number {
  let seconds = 0;
  let nanos = 0;
  while (cursor.next()) {
    if (cursor.tag === field.seconds) seconds = cursor.varint();
    else if (cursor.tag === field.nanos) nanos = cursor.varint();
    else cursor.skip();
  }
  return seconds * 1_000_000 + Math.floor(nanos / 1000);
}

/** All that is left of the field the cursor is in, as text; what is not UTF-8 becomes U+FFFD. */
function textAt(cursor: Cursor): string {
  return utf8.decode(cursor.bytes.subarray(cursor.at, cursor.end));
}

/** Reads a field of its own, and steps behind it. */
function within<Read>(cursor: Cursor, read: (cursor: Cursor) => Read): Read {
  const outer = cursor.enter();
  const found = read(cursor);
  cursor.leave(outer);
  return found;
}
