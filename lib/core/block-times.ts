import { readSteps, writeSteps } from "./segment/int-column.ts";
import { PackedReader } from "./segment/packed-reader.ts";
import { PackedWriter } from "./segment/packed-writer.ts";

/** When the members of a merged block came, in milliseconds after the first of them, as a byte or two each. */
export function packOffsets(offsetsMs: readonly number[]): Uint8Array {
  const writer = new PackedWriter();
  writeSteps(writer, Int32Array.from(offsetsMs), offsetsMs.length);
  return writer.finish();
}

/** Reads what `packOffsets` wrote of so many members; throws MalformedSegment for anything else. */
export function unpackOffsets(packed: Uint8Array, length: number): Int32Array {
  const reader = new PackedReader(packed);
  const offsets = readSteps(reader, length);
  reader.end();
  return offsets;
}
