import { durationBytes, type RecordForm } from "./otlp-template.ts";

/** How the words of an id stand in a record. */
export interface IdNotation {
  readonly wordBytes: number;
  write(view: DataView, place: number, word: number): void;
}

const binary: IdNotation = {
  wordBytes: 4,
  write(view, place, word) {
    view.setUint32(place, word, true);
  },
};

/** The two digits of every byte. */
const hexPairs = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, "0")).readUInt16LE(),
);

const hexadecimal: IdNotation = {
  wordBytes: 8,
  write(view, place, word) {
    for (let byte = 0; byte < 4; byte += 1) {
      view.setUint16(place + 2 * byte, hexPairs[(word >>> (8 * byte)) & 0xff] ?? 0, true);
    }
  },
};

export const idNotations: Readonly<Record<RecordForm, IdNotation>> = {
  span: binary,
  logRecord: hexadecimal,
};

const zero = 48;

/** A varint of two bytes: every status from 128 to 16383 takes two. */
export function writeStatus(bytes: Buffer, place: number, status: number): void {
  bytes[place] = (status & 0x7f) | 0x80;
  bytes[place + 1] = status >> 7;
}

export function writeTwo(bytes: Buffer, place: number, value: number): void {
  bytes[place] = zero + Math.floor(value / 10);
  bytes[place + 1] = zero + (value % 10);
}

const wordNs = 4_294_967_296;

/** Microseconds and some nanoseconds as 64 bits, low word first. */
export function writeNs(view: DataView, place: number, us: number, ns: number): void {
  const high = Math.floor(us / (wordNs / 1000));
  const low = Math.round((us - high * (wordNs / 1000)) * 1000) + ns;
  const carry = low >= wordNs ? 1 : 0;
  view.setUint32(place, low - carry * wordNs, true);
  view.setUint32(place + 4, high + carry, true);
}

/** A varint, which may be longer than it need be. */
export function writeDuration(view: DataView, place: number, ns: number): void {
  let rest = ns;
  for (let byte = 0; byte < durationBytes; byte += 1) {
    view.setUint8(place + byte, (rest % 128) | (byte + 1 < durationBytes ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  }
}
