/**
 * Sparse counts in few bytes: how many cells, then of each its number (as the distance from the one before) and its
 * count, all as varints. The bytes say where they end, so that lists put one behind another can be read as one.
 */
export function packCells(numbers: readonly number[], counts: readonly number[]): Uint8Array {
  if (numbers.length === 0) return noCells;
  const bytesMax = varintBytesMax * (1 + 2 * numbers.length);
  if (scratch.length < bytesMax) scratch = new Uint8Array(2 * bytesMax);
  const bytes = scratch;
  let at = writeVarint(bytes, 0, numbers.length);
  let before = 0;
  for (let place = 0; place < numbers.length; place += 1) {
    const number = numbers[place] ?? 0;
    at = writeVarint(bytes, at, number - before);
    at = writeVarint(bytes, at, counts[place] ?? 0);
    before = number;
  }
  return bytes.slice(0, at);
}

const noCells = Uint8Array.of(0);

/** Where lists are packed: one made for each would be much longer than what comes of it. */
let scratch = new Uint8Array(512);

/** Reads every cell of lists that `packCells` wrote, put one behind another. Numbers repeat over the lists. */
export function eachCell(bytes: Uint8Array, visit: (number: number, count: number) => void): void {
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at];
      if (byte === undefined) throw new RangeError("Packed cells end in the middle of a number.");
      at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    let number = 0;
    for (let cells = next(); cells > 0; cells -= 1) {
      number += next();
      visit(number, next());
    }
  }
}

/** Counts stay below 2^53, which takes eight bytes of seven bits. */
const varintBytesMax = 8;

function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let place = at;
  let rest = value;
  while (rest >= 0x80) {
    bytes[place] = (rest % 128) + 0x80;
    rest = Math.floor(rest / 128);
    place += 1;
  }
  bytes[place] = rest;
  return place + 1;
}
