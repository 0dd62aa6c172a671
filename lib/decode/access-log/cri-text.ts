import { byteAt } from "#lib/decode/bytes.ts";

/** In these, 0 stands for any digit. */
const date = Buffer.from("0000-00-00T");
const zones = [Buffer.from("Z "), Buffer.from("+00:00 "), Buffer.from("-00:00 ")];
const wholeLines = [Buffer.from("stdout F "), Buffer.from("stderr F ")];
const [zero, nine, colon, point] = [48, 57, 58, 46] as const;

/**
 * Where the text begins of the line at a place, if CRI wrote it whole: behind its time, its stream and a tag without
 * further ones; -1 for any other line.
 */
export function criTextAt(bytes: Uint8Array, start: number): number {
  const clock = endOf(bytes, start, date);
  let at = clock;
  while (at >= 0 && isOfClock(byteAt(bytes, at))) at += 1;
  return at === clock ? -1 : endOfAny(bytes, endOfAny(bytes, at, zones), wholeLines);
}

function endOfAny(bytes: Uint8Array, start: number, shapes: readonly Uint8Array[]): number {
  for (const shape of shapes) {
    const end = endOf(bytes, start, shape);
    if (end >= 0) return end;
  }
  return -1;
}

/** The place behind bytes that are as in the shape; -1 behind others, and where there is no place to begin. */
function endOf(bytes: Uint8Array, start: number, shape: Uint8Array): number {
  if (start < 0) return -1;
  for (let place = 0; place < shape.length; place += 1) {
    const wanted = byteAt(shape, place);
    const byte = byteAt(bytes, start + place);
    if (wanted === zero ? !isDigit(byte) : byte !== wanted) return -1;
  }
  return start + shape.length;
}

function isOfClock(byte: number): boolean {
  return isDigit(byte) || byte === colon || byte === point;
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= nine;
}
