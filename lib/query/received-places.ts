import { memberAt, type PlacedMember } from "#lib/core/block-members.ts";
import { membersOf } from "#lib/db/block-homes.ts";
import type { Database } from "#lib/db/open.ts";
import type { LeftOut } from "#lib/telemetry/left-out.ts";

interface BlockPlace {
  readonly blockId: number;
  readonly position: number;
}

/** Places in merged blocks as places in the blocks that were received; others stay as they are. */
export async function receivedPlaces<Placed extends BlockPlace>(
  db: Database,
  project: number,
  places: readonly Placed[],
  leftOut: LeftOut,
): Promise<Placed[]> {
  const ids = [...new Set(places.map(({ blockId }) => blockId))];
  const answer = await db.pool.query<{ id: string; members: Buffer }>(
    `SELECT id, members FROM block
      WHERE project_id = $1 AND id = ANY ($2::bigint[]) AND last_id IS NOT NULL`,
    [project, ids],
  );
  const merged = new Map(
    answer.rows.map(({ id, members }) => [Number(id), membersOf(Number(id), members, leftOut.add)]),
  );
  return places.flatMap((place) => {
    const members = merged.get(place.blockId);
    return members === undefined ? [place] : receivedPlace(place, members);
  });
}

function receivedPlace<Placed extends BlockPlace>(
  place: Placed,
  members: readonly PlacedMember[],
): Placed[] {
  const member = memberAt(members, place.position);
  if (member === undefined) return [];
  return [{ ...place, blockId: member.id, position: place.position - member.firstPosition }];
}
