import { type RowNameKind, rowNameKinds, type RowNames } from "#lib/core/record-rows.ts";
import type { Names } from "#lib/store/names.ts";

/** The ids that the database has for names, at the numbers of those; 0 at 0. */
export type RowIds = Readonly<Record<RowNameKind, Int32Array>>;

export const noRowIds: RowIds = {
  proxy: new Int32Array(1),
  upstream: new Int32Array(1),
  endpoint: new Int32Array(1),
  module: new Int32Array(1),
};

/** The ids of one list; only the first `known` texts have theirs. */
class KnownIds {
  readonly #ids: Record<RowNameKind, Int32Array> = { ...noRowIds };
  readonly #known: Record<RowNameKind, number> = { proxy: 0, upstream: 0, endpoint: 0, module: 0 };

  get ids(): RowIds {
    return this.#ids;
  }

  isWhole(names: RowNames): boolean {
    return rowNameKinds.every((kind) => names[kind].texts.length === this.#known[kind]);
  }

  async learn(source: Pick<Names, "idsOf">, project: number, names: RowNames): Promise<void> {
    for (const kind of rowNameKinds) {
      const fresh = names[kind].texts.slice(this.#known[kind]);
      if (fresh.length > 0) this.#add(kind, await source.idsOf(project, kind, fresh));
    }
  }

  #add(kind: RowNameKind, fresh: Int32Array): void {
    const from = this.#known[kind] + 1;
    const end = from + fresh.length;
    if (this.#ids[kind].length < end) {
      const grown = new Int32Array(Math.max(end, 2 * this.#ids[kind].length));
      grown.set(this.#ids[kind]);
      this.#ids[kind] = grown;
    }
    this.#ids[kind].set(fresh, from);
    this.#known[kind] = end - 1;
  }
}

/** Looks up the ids of names that many requests share, each name once. */
export class NameIds {
  readonly #names: Pick<Names, "idsOf">;
  readonly #known = new WeakMap<RowNames, KnownIds>();
  /** Only one look-up at a time, as two would look up the same. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(names: Pick<Names, "idsOf">) {
    this.#names = names;
  }

  /** The ids of all names that the list has now. */
  async of(project: number, names: RowNames): Promise<RowIds> {
    const known = this.#known.get(names) ?? new KnownIds();
    this.#known.set(names, known);
    if (!known.isWhole(names)) {
      const learned = this.#last.then(() => known.learn(this.#names, project, names));
      this.#last = learned.catch(() => {});
      await learned;
    }
    return known.ids;
  }
}
