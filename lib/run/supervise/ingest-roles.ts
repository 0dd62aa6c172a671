import { keepRole, type KeptRole } from "./keep-role.ts";

/** The ingest processes, which tell each other what only all of them know together. */
export class IngestRoles {
  readonly all: KeptRole[] = [];
  readonly #of: number;

  constructor(of: number) {
    this.#of = of;
  }

  /** Starts one more. */
  keep(environment: Readonly<Record<string, string>>): KeptRole {
    const place = this.all.length;
    if (this.#of === 1) return this.#add(keepRole("ingest", environment));
    const kept = keepRole("ingest", environment, {
      greeting: { kind: "place", place, of: this.#of },
      onMessage: ({ to, body }) => {
        for (const [at, role] of this.all.entries()) {
          if (at !== place && (to ?? at) === at)
            role.tell({ kind: "fromSibling", from: place, body });
        }
      },
    });
    return this.#add(kept);
  }

  #add(kept: KeptRole): KeptRole {
    this.all.push(kept);
    return kept;
  }
}
