import { cpuSeconds, proportionalBytes, residentBytes } from "./process-cost.ts";
import type { RoleName, Stack } from "./stack.ts";

type Part = RoleName | "postgres" | "client";

/** What the parts of a run used up between its beginning and its end. */
export interface ResourcesUsed {
  readonly cpuSeconds: ReadonlyMap<Part, number>;
  /** The most that a role held at one of the looks, a second apart. */
  readonly residentBytesMax: ReadonlyMap<RoleName, number>;
  /** The most that the roles held together. */
  readonly rolesBytesMax: number;
  /** The same, with the pages of Node's binary, which all of them map, counted once. */
  readonly rolesProportionalBytesMax: number;
  readonly postgresBytes: number;
}

const lookMs = 1_000;

/** Looks at the processes of a stack, and at this one as the client, until it is asked what they used. */
export class Resources {
  readonly #stack: Stack;
  readonly #before: ReadonlyMap<Part, number>;
  readonly #residentBytesMax = new Map<RoleName, number>();
  #rolesBytesMax = 0;
  #rolesProportionalBytesMax = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(stack: Stack) {
    this.#stack = stack;
    this.#before = cpuOf(stack);
    this.#timer = setInterval(() => this.#look(), lookMs);
  }

  used(): ResourcesUsed {
    clearInterval(this.#timer);
    this.#look();
    const now = cpuOf(this.#stack);
    return {
      cpuSeconds: new Map(
        [...now].map(([part, seconds]) => [part, seconds - (this.#before.get(part) ?? 0)]),
      ),
      residentBytesMax: this.#residentBytesMax,
      rolesBytesMax: this.#rolesBytesMax,
      rolesProportionalBytesMax: this.#rolesProportionalBytesMax,
      postgresBytes: proportionalBytes([this.#stack.postgresProcess]),
    };
  }

  #look(): void {
    let together = 0;
    for (const [role, ids] of this.#stack.processes) {
      const bytes = residentBytes(ids);
      together += bytes;
      this.#residentBytesMax.set(role, Math.max(bytes, this.#residentBytesMax.get(role) ?? 0));
    }
    this.#rolesBytesMax = Math.max(this.#rolesBytesMax, together);
    const proportional = proportionalBytes([...this.#stack.processes.values()].flat());
    this.#rolesProportionalBytesMax = Math.max(this.#rolesProportionalBytesMax, proportional);
  }
}

function cpuOf(stack: Stack): Map<Part, number> {
  const { user, system } = process.cpuUsage();
  const cpu = new Map<Part, number>([
    ["postgres", cpuSeconds([stack.postgresProcess])],
    ["client", (user + system) / 1e6],
  ]);
  for (const [role, ids] of stack.processes) cpu.set(role, cpuSeconds(ids));
  return cpu;
}
