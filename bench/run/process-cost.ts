import { readdirSync, readFileSync } from "node:fs";

const ticksPerSecond = 100;
const pageBytes = 4_096;

/** Seconds of CPU (user and system) that the kernel counted for the processes and all their descendants. */
export function cpuSeconds(roots: readonly number[]): number {
  return sum(familyOf(roots), cpuSecondsOf);
}

/** Resident bytes of the processes and all their descendants; pages that several map count in each. */
export function residentBytes(roots: readonly number[]): number {
  return sum(familyOf(roots), residentBytesOf);
}

/** The same, with pages that several map counted once: Postgres' shared buffers are in every one of its processes. */
export function proportionalBytes(roots: readonly number[]): number {
  return sum(familyOf(roots), proportionalBytesOf);
}

function familyOf(roots: readonly number[]): number[] {
  const family = new Set(roots);
  const parents = new Map(processes().map((id) => [id, statFields(id)[1] ?? 0]));
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const [id, parent] of parents) if (family.has(parent)) family.add(id);
  }
  return [...family];
}

function processes(): number[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** Fields of proc(5) counted from the state: utime 11, stime 12, cutime 13, cstime 14. */
function cpuSecondsOf(id: number): number {
  return sum(statFields(id).slice(11, 15), (ticks) => ticks) / ticksPerSecond;
}

/** The parent is the second, the resident pages are the 22nd. */
function statFields(id: number): number[] {
  const text = read(`/proc/${id}/stat`);
  return text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
}

function residentBytesOf(id: number): number {
  return (statFields(id)[21] ?? 0) * pageBytes;
}

function proportionalBytesOf(id: number): number {
  const [, kibibytes = "0"] = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${id}/smaps_rollup`)) ?? [];
  return Number(kibibytes) * 1024;
}

/** Nothing of a process that ended while it was looked at. */
function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

function sum<Item>(items: Iterable<Item>, value: (item: Item) => number): number {
  let total = 0;
  for (const item of items) total += value(item);
  return total;
}
