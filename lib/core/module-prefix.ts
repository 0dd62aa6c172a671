/** Longer than any module path that can be fetched. */
export const modulePrefixLengthMax = 200;

/** Whether a text can stand for a module path and everything below it, as `go.mod` writes it: whole elements, no pattern. */
export function isModulePrefix(text: string): boolean {
  return /^[\w.~+-]+(?:\/[\w.~+-]+)*$/.test(text);
}

/** Whether a module is the one that the prefix names, or below it: `a.com/x` is above `a.com/x/y`, not above `a.com/xy`. */
export function isUnder(module: string, prefix: string): boolean {
  return (
    module.startsWith(prefix) && (module.length === prefix.length || module[prefix.length] === "/")
  );
}

/** A prefix with its number. */
export interface NumberedPrefix {
  readonly id: number;
  readonly prefix: string;
}

/** Modules whose prefixes are remembered; beyond it the memory starts anew. */
const rememberedMax = 50_000;

/** The prefixes above a module, looked up once for each module. */
export class ModulePrefixes<One extends NumberedPrefix> {
  readonly #prefixes: readonly One[];
  readonly #known = new Map<string, readonly One[]>();

  constructor(prefixes: readonly One[]) {
    this.#prefixes = prefixes;
  }

  get isEmpty(): boolean {
    return this.#prefixes.length === 0;
  }

  above(module: string): readonly One[] {
    const known = this.#known.get(module);
    if (known !== undefined) return known;
    const found = this.#prefixes.filter(({ prefix }) => isUnder(module, prefix));
    if (this.#known.size >= rememberedMax) this.#known.clear();
    this.#known.set(module, found);
    return found;
  }
}
