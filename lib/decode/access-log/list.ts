/**
 * Where a value that may be a list of upstreams ends: `a:1, b:1 : c:1` goes on over the separators
 * that nginx writes between attempts, and ends at any other space.
 */
export function listEnd(line: string, from: number): number {
  let end = line.indexOf(" ", from);
  while (end >= 0) {
    if (end > from && line[end - 1] === ",") end = line.indexOf(" ", end + 1);
    else if (line.startsWith(" : ", end)) end = line.indexOf(" ", end + 3);
    else return end;
  }
  return line.length;
}
