/** Texts numbered from 1 in the order in which they came; 0 stands for none. */
export class TextNumbers {
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  #lastText: string | null = null;
  #lastNumber = 0;

  constructor(texts: Iterable<string> = []) {
    for (const text of texts) this.numberOf(text);
  }

  /** In the order of their numbers. */
  get texts(): readonly string[] {
    return this.#texts;
  }

  numberOf(text: string | null): number {
    // Records of one sender stand together, and name the same again and again.
    if (text === this.#lastText) return this.#lastNumber;
    this.#lastText = text;
    this.#lastNumber = text === null ? 0 : (this.#numbers.get(text) ?? this.#added(text));
    return this.#lastNumber;
  }

  #added(text: string): number {
    const number = this.#texts.push(text);
    this.#numbers.set(text, number);
    return number;
  }
}
