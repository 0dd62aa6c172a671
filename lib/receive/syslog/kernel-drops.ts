import { readFileSync } from "node:fs";

/**
 * Datagrams that the system threw away because our buffer for a port was full, since the port was opened;
 * null where the system does not tell (it is Linux that does).
 */
export function kernelDrops(port: number): number | null {
  const counts = ["/proc/net/udp", "/proc/net/udp6"].map((file) => dropsIn(file, port));
  const known = counts.filter((count) => count !== null);
  return known.length === 0 ? null : known.reduce((sum, count) => sum + count, 0);
}

/** The last column of the rows whose local address ends with the port in hexadecimal. */
function dropsIn(file: string, port: number): number | null {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  try {
    const rows = readFileSync(file, "latin1").split("\n").slice(1);
    const own = rows
      .map((row) => row.trim().split(/\s+/))
      .filter((row) => row[1]?.endsWith(suffix));
    return own.reduce((sum, row) => sum + Number(row.at(-1) ?? 0), 0);
  } catch {
    return null;
  }
}
