import { freeBytes } from "../free-bytes.ts";
import { MalformedSegment } from "../malformed-segment.ts";
import { readInts, writeInts } from "./int-column.ts";
import type { PackedReader } from "./packed-reader.ts";
import type { PackedWriter } from "./packed-writer.ts";

/** Many senders tell times in whole milliseconds or seconds. */
const unitsUs = [1_000_000, 1_000, 1] as const;
const twoTo32 = 4_294_967_296;

/** Packs whole microseconds, of which any two are less than 2^52 apart. */
export function writeStarts(writer: PackedWriter, startsUs: Float64Array, length: number): void {
  if (length === 0) return;
  let min = Infinity;
  for (let at = 0; at < length; at += 1) min = Math.min(min, startsUs[at] ?? 0);
  const unitUs = unitsUs.find((unit) => fits(startsUs, length, min, unit)) ?? 1;
  const low = new Int32Array(length);
  const high = new Int32Array(length);
  for (let at = 0; at < length; at += 1) {
    const units = ((startsUs[at] ?? 0) - min) / unitUs;
    low[at] = units;
    high[at] = Math.floor(units / twoTo32);
  }
  writer.whole(min);
  writer.natural(unitUs);
  writeInts(writer, low, length);
  writeInts(writer, high, length);
  freeBytes(low);
  freeBytes(high);
}

/** Unpacks what `writeStarts` packed. */
export function readStarts(reader: PackedReader, length: number): Float64Array {
  const startsUs = new Float64Array(length);
  if (length === 0) return startsUs;
  const min = reader.whole();
  const unitUs = reader.natural();
  if (unitUs === 0 || unitUs > unitsUs[0]) {
    throw new MalformedSegment(`A segment counts time in units of ${unitUs} microseconds.`);
  }
  const low = readInts(reader, length);
  const high = readInts(reader, length);
  for (let at = 0; at < length; at += 1) {
    startsUs[at] = min + ((high[at] ?? 0) * twoTo32 + ((low[at] ?? 0) >>> 0)) * unitUs;
  }
  return startsUs;
}

function fits(startsUs: Float64Array, length: number, min: number, unitUs: number): boolean {
  for (let at = 0; at < length; at += 1) {
    if (((startsUs[at] ?? 0) - min) % unitUs !== 0) return false;
  }
  return true;
}
