/** Keeps the best of any number of items, in a list not much longer than what it keeps. */
export class Best<Item> {
  readonly #max: number;
  readonly #compare: (a: Item, b: Item) => number;
  #items: Item[] = [];
  #bound: Item | null = null;

  /** `compare` is negative where the first is the better. */
  constructor(max: number, compare: (a: Item, b: Item) => number) {
    this.#max = max;
    this.#compare = compare;
  }

  add(item: Item): void {
    if (this.#bound !== null && this.#compare(item, this.#bound) >= 0) return;
    this.#items.push(item);
    if (this.#items.length >= 2 * this.#max + 64) this.sorted();
  }

  /** What an item must be better than, as of the last look at all of them; null while there was room for any. */
  get bound(): Item | null {
    return this.#bound;
  }

  /** The best ones, in order; a look at all of them. */
  sorted(): readonly Item[] {
    this.#items = this.#items.toSorted(this.#compare).slice(0, this.#max);
    if (this.#items.length === this.#max) this.#bound = this.#items.at(-1) ?? null;
    return this.#items;
  }
}
