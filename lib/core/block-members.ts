import { blocksPerSecondMax, ingestProcessesMax } from "./block-id.ts";
import { MalformedSegment } from "./malformed-segment.ts";
import { readInts, readSteps, writeInts, writeSteps } from "./segment/int-column.ts";
import { PackedReader } from "./segment/packed-reader.ts";
import { PackedWriter } from "./segment/packed-writer.ts";

/** A block that became part of another one. */
export interface BlockMember {
  readonly id: number;
  /** How many positions of records it has. */
  readonly records: number;
  readonly bytes: number;
}

/** The same, and how much of the merged block stands before it. */
export interface PlacedMember extends BlockMember {
  readonly firstPosition: number;
  readonly firstByte: number;
}

const version = 1;
const idsPerSecond = blocksPerSecondMax * ingestProcessesMax;
const membersMax = 65_536;

/** The members as some three bytes each, in the order in which they stand in the block. */
export function packMembers(members: readonly BlockMember[]): Uint8Array {
  const { length } = members;
  const writer = new PackedWriter();
  writer.byte(version);
  writer.natural(length);
  const column = (of: (member: BlockMember) => number) => Int32Array.from(members, of);
  writeSteps(
    writer,
    column(({ id }) => Math.floor(id / idsPerSecond)),
    length,
  );
  writeInts(
    writer,
    column(({ id }) => id % idsPerSecond),
    length,
  );
  writeInts(
    writer,
    column(({ records }) => records),
    length,
  );
  writeInts(
    writer,
    column(({ bytes }) => bytes),
    length,
  );
  return writer.finish();
}

/** Reads what `packMembers` wrote; throws MalformedSegment for anything else. */
export function unpackMembers(packed: Uint8Array): PlacedMember[] {
  const reader = new PackedReader(packed);
  const found = reader.byte();
  const length = reader.natural();
  if (found !== version || length > membersMax) {
    throw new MalformedSegment(`A merged block has ${length} members of version ${found}.`);
  }
  const seconds = readSteps(reader, length);
  const [rests, records, bytes] = [0, 1, 2].map(() => readInts(reader, length));
  reader.end();
  let [firstPosition, firstByte] = [0, 0];
  return Array.from(seconds, (second, at) => {
    const member = {
      id: second * idsPerSecond + (rests?.[at] ?? 0),
      records: records?.[at] ?? 0,
      bytes: bytes?.[at] ?? 0,
      firstPosition,
      firstByte,
    };
    firstPosition += member.records;
    firstByte += member.bytes;
    return member;
  });
}

/** The member in which a record of the merged block stands. */
export function memberAt(
  members: readonly PlacedMember[],
  position: number,
): PlacedMember | undefined {
  return members.findLast(({ firstPosition }) => firstPosition <= position);
}
