import { noRowNames, type RowNames, rowNameKinds } from "#lib/core/record-rows.ts";

/** A list that has more is left to those who hold it, and another begun: names of a year must not be kept for ever. */
const textsMax = 50_000;
const charactersMax = 4_194_304;
/** Projects that send at the same time; lists of others are begun anew. */
const projectsMax = 1_000;

/** One list of names for many requests, so that a name is looked up when it is new, and not in every request. */
export class SharedNames {
  readonly #byProject = new Map<number, RowNames>();

  /** The list for the next request of a project. */
  of(project: number): RowNames {
    const known = this.#byProject.get(project);
    if (known !== undefined && rowNameKinds.every((kind) => hasRoom(known[kind]))) return known;
    if (this.#byProject.size >= projectsMax) this.#byProject.clear();
    const names = noRowNames();
    this.#byProject.set(project, names);
    return names;
  }
}

function hasRoom({ texts, characters }: RowNames["module"]): boolean {
  return texts.length < textsMax && characters < charactersMax;
}
