/** As many slots as a table of kept texts may have. */
export const keptTextSlots = 32_768;

/** Texts numbered from 1 in the order in which they came; 0 stands for none. They may be kept for many requests. */
export class TextNumbers {
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** By slot of a table elsewhere; made when it is first used. */
  #slotTexts: string[] = [];
  #slotNumbers = new Int32Array(0);
  #characters = 0;
  #lastText: string | null = null;
  #lastNumber = 0;

  constructor(texts: Iterable<string> = []) {
    for (const text of texts) this.numberOf(text);
  }

  /** In the order of their numbers. */
  get texts(): readonly string[] {
    return this.#texts;
  }

  /** Of all texts together. */
  get characters(): number {
    return this.#characters;
  }

  numberOf(text: string | null): number {
    // Records of one sender stand together, and name the same again and again.
    if (text === this.#lastText) return this.#lastNumber;
    this.#lastText = text;
    this.#lastNumber = text === null ? 0 : (this.#numbers.get(text) ?? this.#added(text));
    return this.#lastNumber;
  }

  /**
   * The same for a text that its maker keeps in a table: while the same string comes from the same slot, no text is looked
   * up, which among thousands of them takes longer than to read a line.
   */
  numberOfKept(text: string, slot: number): number {
    if (this.#slotTexts[slot] === text) return this.#slotNumbers[slot] ?? 0;
    const number = this.numberOf(text);
    if (slot >= this.#slotNumbers.length) this.#makeSlots();
    this.#slotTexts[slot] = text;
    this.#slotNumbers[slot] = number;
    return number;
  }

  #makeSlots(): void {
    this.#slotTexts = Array.from({ length: keptTextSlots }, () => "");
    this.#slotNumbers = new Int32Array(keptTextSlots);
  }

  #added(text: string): number {
    const kept = detached(text);
    const number = this.#texts.push(kept);
    this.#numbers.set(kept, number);
    this.#characters += kept.length;
    return number;
  }
}

/** The text in memory of its own: a text that was cut from a body holds all of the body for as long as it lives itself. */
function detached(text: string): string {
  return ` ${text}`.slice(1);
}
