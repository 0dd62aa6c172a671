import { freeBytes } from "../free-bytes.ts";
import { MalformedSegment } from "../malformed-segment.ts";
import { bitsOf, packedBytes, widthFor, type BitWidth } from "./bits.ts";
import type { PackedReader } from "./packed-reader.ts";
import type { PackedWriter } from "./packed-writer.ts";

/**
 * How a column is packed: one value for all; a list of the values that occur, and their places in it; or the distance
 * of each from the smallest, byte by byte, as bytes of one weight are more alike than the bytes of one number.
 */
const packings = { constant: 0, listed: 1, planes: 2 } as const;

/** Wider columns are not looked through for the values that occur, and short ones only when they are narrower still. */
const listedRangeMax = 4_096;
const listedMax = 256;
const places = new Uint16Array(listedRangeMax);

/** Packs the first `length` values. */
export function writeInts(writer: PackedWriter, values: Int32Array, length: number): void {
  if (length === 0) return;
  const { min, range } = extentOf(values, length);
  if (range === 0) {
    writer.byte(packings.constant);
    writer.whole(min);
    return;
  }
  const bits = bitsOf(range);
  const narrow = range < Math.min(listedRangeMax, 64 + 16 * length);
  const listed = narrow ? list(values, length, min, range) : [];
  const width = widthFor(bitsOf(listed.length - 1));
  const listedBits = 8 * (packedBytes(width, length) + 2 * listed.length);
  if (narrow && listed.length <= listedMax && listedBits < bits * length) {
    writeListed(writer, values, length, { min, listed, width });
  } else {
    writePlanes(writer, values, length, { min, bits });
  }
}

/** Unpacks a column of `length` values. */
export function readInts(reader: PackedReader, length: number): Int32Array {
  const values = new Int32Array(length);
  if (length === 0) return values;
  const packing = reader.byte();
  if (packing === packings.constant) values.fill(reader.whole());
  else if (packing === packings.listed) readListed(reader, values);
  else if (packing === packings.planes) readPlanes(reader, values);
  else throw new MalformedSegment(`A column of a segment is packed in the unknown way ${packing}.`);
  return values;
}

/** The same for values that are close to the one before them. */
export function writeSteps(writer: PackedWriter, values: Int32Array, length: number): void {
  if (length === 0) return;
  writer.whole(values[0] ?? 0);
  const steps = new Int32Array(length - 1);
  for (let at = 1; at < length; at += 1) steps[at - 1] = (values[at] ?? 0) - (values[at - 1] ?? 0);
  writeInts(writer, steps, length - 1);
  freeBytes(steps);
}

/** Unpacks what `writeSteps` packed. */
export function readSteps(reader: PackedReader, length: number): Int32Array {
  const values = new Int32Array(length);
  if (length === 0) return values;
  values[0] = reader.whole();
  const steps = readInts(reader, length - 1);
  for (let at = 1; at < length; at += 1) values[at] = (values[at - 1] ?? 0) + (steps[at - 1] ?? 0);
  return values;
}

/** The smallest value, and how far the largest is from it. */
function extentOf(values: Int32Array, length: number): { min: number; range: number } {
  let min = values[0] ?? 0;
  let max = min;
  for (let at = 1; at < length; at += 1) {
    const value = values[at] ?? 0;
    if (value < min) min = value;
    else if (value > max) max = value;
  }
  return { min, range: max - min };
}

/** The values that occur, as distances from the smallest, ascending; `places` then has the place of each. */
function list(values: Int32Array, length: number, min: number, range: number): number[] {
  places.fill(0, 0, range + 1);
  for (let at = 0; at < length; at += 1) places[(values[at] ?? 0) - min] = 1;
  const listed: number[] = [];
  for (let distance = 0; distance <= range; distance += 1) {
    if (places[distance] === 0) continue;
    places[distance] = listed.length;
    listed.push(distance);
  }
  return listed;
}

interface Listed {
  readonly min: number;
  readonly listed: readonly number[];
  readonly width: BitWidth;
}

function writeListed(
  writer: PackedWriter,
  values: Int32Array,
  length: number,
  { min, listed, width }: Listed,
): void {
  writer.byte(packings.listed);
  writer.whole(min);
  writer.byte(listed.length - 1);
  let before = 0;
  for (const distance of listed) {
    writer.natural(distance - before);
    before = distance;
  }
  const packed = writer.room(packedBytes(width, length));
  packed.fill(0);
  const mask = 8 / width - 1;
  const shift = Math.log2(mask + 1);
  for (let at = 0; at < length; at += 1) {
    const place = places[(values[at] ?? 0) - min] ?? 0;
    packed[at >> shift] = (packed[at >> shift] ?? 0) | (place << (width * (at & mask)));
  }
}

function readListed(reader: PackedReader, values: Int32Array): void {
  const listed = new Int32Array(256);
  let value = reader.whole();
  const count = reader.byte() + 1;
  for (let place = 0; place < count; place += 1) {
    value += reader.natural();
    listed[place] = value;
  }
  const width = widthFor(bitsOf(count - 1));
  const packed = reader.take(packedBytes(width, values.length));
  const mask = 8 / width - 1;
  const shift = Math.log2(mask + 1);
  const all = (1 << width) - 1;
  for (let at = 0; at < values.length; at += 1) {
    const place = ((packed[at >> shift] ?? 0) >> (width * (at & mask))) & all;
    values[at] = listed[place] ?? 0;
  }
}

function writePlanes(
  writer: PackedWriter,
  values: Int32Array,
  length: number,
  { min, bits }: { readonly min: number; readonly bits: number },
): void {
  writer.byte(packings.planes);
  writer.whole(min);
  writer.byte(bits);
  let weight = 0;
  for (; weight + 8 <= bits; weight += 8) {
    const plane = writer.room(length);
    for (let at = 0; at < length; at += 1) plane[at] = ((values[at] ?? 0) - min) >>> weight;
  }
  if (weight === bits) return;
  const width = widthFor(bits - weight);
  const packed = writer.room(packedBytes(width, length));
  packed.fill(0);
  const mask = 8 / width - 1;
  const shift = Math.log2(mask + 1);
  for (let at = 0; at < length; at += 1) {
    const high = ((values[at] ?? 0) - min) >>> weight;
    packed[at >> shift] = (packed[at >> shift] ?? 0) | (high << (width * (at & mask)));
  }
}

function readPlanes(reader: PackedReader, values: Int32Array): void {
  const min = reader.whole();
  const bits = reader.byte();
  if (bits > 32) throw new MalformedSegment(`A column of a segment has numbers of ${bits} bits.`);
  values.fill(min);
  let weight = 0;
  for (; weight + 8 <= bits; weight += 8) {
    const plane = reader.take(values.length);
    for (let at = 0; at < values.length; at += 1) {
      values[at] = (values[at] ?? 0) + ((plane[at] ?? 0) << weight);
    }
  }
  if (weight === bits) return;
  const width = widthFor(bits - weight);
  const packed = reader.take(packedBytes(width, values.length));
  const mask = 8 / width - 1;
  const shift = Math.log2(mask + 1);
  const all = (1 << width) - 1;
  for (let at = 0; at < values.length; at += 1) {
    const high = ((packed[at >> shift] ?? 0) >> (width * (at & mask))) & all;
    values[at] = (values[at] ?? 0) + (high << weight);
  }
}
