import type { Database } from "#lib/db/open.ts";

/** What a name in the dictionary names. */
export const nameKinds = ["proxy", "upstream", "endpoint", "module", "instance"] as const;
export type NameKind = (typeof nameKinds)[number];

/** Names are cut at this many characters. */
const nameLengthMax = 400;

/** Most names of a kind in a project; further ones share the name `(other)`, and are counted. */
const namesMax: Record<NameKind, number> = {
  proxy: 1_000,
  upstream: 10_000,
  endpoint: 50_000,
  module: 50_000,
  instance: 20_000,
};
const overflow = "(other)";

/** Names of one kind and project held in memory at least, and at most twice as many. */
const heldMax = 50_000;

/** Numbers for the names of telemetry. Several processes may use one dictionary: a name has one number in all. */
export class Names {
  readonly #db: Database;
  readonly #onOverflow: (kind: NameKind, names: number) => void;
  readonly #known = new Map<string, KnownNames>();
  /** Names of a kind that were stored when it was last looked; it only grows. */
  readonly #stored = new Map<string, number>();

  constructor(db: Database, onOverflow: (kind: NameKind, names: number) => void) {
    this.#db = db;
    this.#onOverflow = onOverflow;
  }

  /** The number of every given name; new names are stored, and beyond a kind's limit they share one number. */
  async resolve(
    project: number,
    kind: NameKind,
    wanted: Iterable<string>,
  ): Promise<ReadonlyMap<string, number>> {
    const known = this.#knownOf(project, kind);
    const found = new Map<string, number>();
    const fresh: string[] = [];
    for (const name of wanted) {
      const id = known.get(name);
      if (id === undefined) fresh.push(name);
      else found.set(name, id);
    }
    if (fresh.length > 0) {
      for (const [name, id] of await this.#resolveFresh(project, kind, fresh)) found.set(name, id);
    }
    return found;
  }

  /** The ids of the names, in their order. */
  async idsOf(project: number, kind: NameKind, names: readonly string[]): Promise<Int32Array> {
    const found = await this.resolve(project, kind, names);
    return Int32Array.from(names, (name) => found.get(name) ?? 0);
  }

  async #resolveFresh(
    project: number,
    kind: NameKind,
    names: readonly string[],
  ): Promise<Map<string, number>> {
    const values = [...new Set(names.map(clean))];
    const room = namesMax[kind] - (await this.#countOf(project, kind));
    const stored =
      values.length <= room
        ? await this.#findOrInsert(project, kind, values)
        : await this.#find(project, kind, values);
    const missing = values.filter((value) => !stored.has(value));
    const kept = missing.slice(0, Math.max(0, room));
    if (kept.length > 0) await this.#insert(project, kind, kept, stored);
    if (kept.length < missing.length) {
      this.#onOverflow(kind, missing.length - kept.length);
      await this.#insert(project, kind, [overflow], stored);
    }
    return this.#remember(project, kind, names, stored);
  }

  #remember(
    project: number,
    kind: NameKind,
    names: readonly string[],
    stored: ReadonlyMap<string, number>,
  ): Map<string, number> {
    const known = this.#knownOf(project, kind);
    const resolved = new Map<string, number>();
    for (const name of names) {
      const id = stored.get(clean(name)) ?? stored.get(overflow) ?? 0;
      resolved.set(name, id);
      known.set(detached(name), id);
    }
    return resolved;
  }

  async #find(
    project: number,
    kind: NameKind,
    values: readonly string[],
  ): Promise<Map<string, number>> {
    const answer = await this.#db.pool.query<{ id: number; value: string }>(
      "SELECT id, value FROM name WHERE project_id = $1 AND kind = $2 AND value = ANY ($3)",
      [project, kind, values],
    );
    return new Map(answer.rows.map((row) => [row.value, row.id]));
  }

  /** Without those that another process stores at the same time. */
  async #findOrInsert(
    project: number,
    kind: NameKind,
    values: readonly string[],
  ): Promise<Map<string, number>> {
    const answer = await this.#db.pool.query<{ id: number; value: string; fresh: boolean }>(
      // Planned each time: a plan from when there were few names would read all of them ever after.
      `WITH wanted AS (SELECT unnest($3::text[]) AS value),
        found AS (SELECT id, value FROM name WHERE project_id = $1 AND kind = $2 AND value = ANY ($3)),
        inserted AS (
          INSERT INTO name (project_id, kind, value)
          SELECT $1, $2, value FROM wanted WHERE value NOT IN (SELECT value FROM found)
          ON CONFLICT DO NOTHING RETURNING id, value)
        SELECT id, value, false AS fresh FROM found UNION ALL SELECT id, value, true FROM inserted`,
      // In one order everywhere: two writers with the same new names would wait for each other otherwise.
      [project, kind, values.toSorted()],
    );
    this.#countMore(project, kind, answer.rows.filter(({ fresh }) => fresh).length);
    return new Map(answer.rows.map((row) => [row.value, row.id]));
  }

  async #insert(
    project: number,
    kind: NameKind,
    values: readonly string[],
    stored: Map<string, number>,
  ): Promise<void> {
    await this.#db.pool.query(
      `INSERT INTO name (project_id, kind, value) SELECT $1, $2, unnest($3::text[])
       ON CONFLICT DO NOTHING`,
      [project, kind, values.toSorted()],
    );
    for (const [value, id] of await this.#find(project, kind, values)) stored.set(value, id);
    this.#countMore(project, kind, values.length);
  }

  #countMore(project: number, kind: NameKind, names: number): void {
    const key = keyOf(project, kind);
    this.#stored.set(key, (this.#stored.get(key) ?? 0) + names);
  }

  async #countOf(project: number, kind: NameKind): Promise<number> {
    const key = keyOf(project, kind);
    const known = this.#stored.get(key);
    if (known !== undefined) return known;
    const answer = await this.#db.pool.query<{ names: number }>(
      "SELECT count(*)::int AS names FROM name WHERE project_id = $1 AND kind = $2",
      [project, kind],
    );
    const names = answer.rows[0]?.names ?? 0;
    this.#stored.set(key, names);
    return names;
  }

  #knownOf(project: number, kind: NameKind): KnownNames {
    const key = keyOf(project, kind);
    const known = this.#known.get(key) ?? new KnownNames();
    this.#known.set(key, known);
    return known;
  }
}

/** Numbers of names that were used lately. */
class KnownNames {
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  get(name: string): number | undefined {
    const young = this.#young.get(name);
    if (young !== undefined) return young;
    const old = this.#old.get(name);
    if (old !== undefined) this.set(name, old);
    return old;
  }

  set(name: string, id: number): void {
    if (this.#young.size >= heldMax) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, id);
  }
}

/** A name cut from a body holds all of the body for as long as it lives itself. */
function detached(name: string): string {
  return Buffer.from(name, "utf16le").toString("utf16le");
}

function keyOf(project: number, kind: NameKind): string {
  return `${project} ${kind}`;
}

/** Postgres' text holds neither NUL nor half a surrogate pair. */
function clean(name: string): string {
  return name.slice(0, nameLengthMax).replaceAll("\0", "").toWellFormed();
}
