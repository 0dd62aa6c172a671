import { readdirSync, readFileSync } from "node:fs";

/** CPU seconds (user and system) and resident bytes of a process and of all its descendants. */
export interface ProcessCost {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

const ticksPerSecond = 100;
const pageBytes = 4_096;

/** Reads /proc, so that it counts what the kernel counted; shared pages count in every process that maps them. */
export function costOf(root: number): ProcessCost {
  const children = new Map<number, number[]>();
  const costs = new Map<number, ProcessCost>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(Number(name));
    if (stat === null) continue;
    costs.set(Number(name), stat.cost);
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(name)]);
  }
  return sumOf(root, costs, children);
}

function sumOf(
  root: number,
  costs: ReadonlyMap<number, ProcessCost>,
  children: ReadonlyMap<number, number[]>,
): ProcessCost {
  let { cpuSeconds, residentBytes } = costs.get(root) ?? { cpuSeconds: 0, residentBytes: 0 };
  for (const child of children.get(root) ?? []) {
    const cost = sumOf(child, costs, children);
    cpuSeconds += cost.cpuSeconds;
    residentBytes += cost.residentBytes;
  }
  return { cpuSeconds, residentBytes };
}

function statOf(pid: number): { readonly parent: number; readonly cost: ProcessCost } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [parent = 0] = fields.slice(1);
    // Fields of proc(5) counted from the state: utime 11, stime 12, cutime 13, cstime 14, rss 21.
    const ticks = (fields[11] ?? 0) + (fields[12] ?? 0) + (fields[13] ?? 0) + (fields[14] ?? 0);
    return {
      parent,
      cost: {
        cpuSeconds: ticks / ticksPerSecond,
        residentBytes: (fields[21] ?? 0) * pageBytes,
      },
    };
  } catch {
    // The process ended while it was looked at.
    return null;
  }
}
