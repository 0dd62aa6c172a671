import type { Block } from "#lib/query/blocks.ts";
import type { LeftOut } from "#lib/telemetry/left-out.ts";

/** What a block tells; nothing where its payload is not what was received any more: it was read when it came. */
export function readBlock<Told>(
  block: Block,
  leftOut: LeftOut,
  read: (block: Block) => Iterable<Told>,
): Told[] {
  try {
    return [...read(block)];
  } catch (error) {
    leftOut.add("block", `${block.id}`, error);
    return [];
  }
}
