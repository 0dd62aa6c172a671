import { BitReader, BitWriter } from "./bits.ts";
import { blocksPerSecondMax, ingestProcessesMax } from "./block-id.ts";
import { fingerprintBits } from "./trace-fingerprint.ts";
import { MalformedTraceIndex, type TraceHit, type TraceList } from "./trace-list.ts";

const version = 1;
const countBits = 20;
const riceBits = 6;
/** Bits of the lowest value of a part of the block ids, and of the number of bits that its distances take. */
const lowestBits = 30;
const widthBits = 5;
const fingerprintsMax = 2 ** fingerprintBits;

/**
 * A page of a run in few bits per entry. Distances between fingerprints are Rice coded with the parameter that fits
 * the page, at about 1.5 bits more than their logarithm. Block ids are cut into second, process and count, each as its
 * distance from the lowest in as many bits as the page needs; where few blocks have many entries, the blocks are
 * listed once and entries refer to them. The distances come last: all else is found without reading them.
 */
export function packPage(list: TraceList): Uint8Array {
  const bits = new BitWriter();
  const count = list.fingerprints.length;
  const rice = riceParameterOf(list.fingerprints);
  bits.write(version, 8);
  bits.write(count, countBits);
  bits.write(rice, riceBits);
  bits.writeWide(list.fingerprints[0] ?? 0, fingerprintBits);
  writeBlocks(bits, list.blocks);
  for (const exchange of list.exchanges) bits.write(exchange, 1);
  for (let place = 1; place < count; place += 1) {
    const gap = (list.fingerprints[place] ?? 0) - (list.fingerprints[place - 1] ?? 0);
    bits.writeRice(gap, rice);
  }
  return bits.finish();
}

/** The entries of a page that `packPage` gave. Throws MalformedTraceIndex for other bytes. */
export function unpackPage(bytes: Uint8Array): TraceList {
  return guarded(() => {
    const page = new PageReader(bytes);
    const fingerprints = new Float64Array(page.count);
    const blocks = new Float64Array(page.count);
    const exchanges = new Uint8Array(page.count);
    page.blocksInto(blocks);
    page.exchangesInto(exchanges);
    page.eachFingerprint((fingerprint, place) => {
      fingerprints[place] = fingerprint;
      return true;
    });
    page.end();
    return { fingerprints, blocks, exchanges };
  });
}

/** The blocks of a trace in the page, in their order. Reads no more of it than that takes. */
export function findInPage(bytes: Uint8Array, fingerprint: number): TraceHit[] {
  return guarded(() => {
    const page = new PageReader(bytes);
    const places: number[] = [];
    page.eachFingerprint((other, place) => {
      if (other === fingerprint) places.push(place);
      return other <= fingerprint;
    });
    return places.map((place) => page.hitAt(place));
  });
}

/** The whole part of the mean distance's logarithm: the unary parts of all distances are then at most two bits each. */
function riceParameterOf(fingerprints: Float64Array): number {
  const gaps = fingerprints.length - 1;
  if (gaps < 1) return 0;
  const mean = ((fingerprints[gaps] ?? 0) - (fingerprints[0] ?? 0)) / gaps;
  return mean < 2 ? 0 : Math.floor(Math.log2(mean));
}

/** A block id as second, process and count, as ids are made; any other safe integer is cut alike. */
function partsOf(blockId: number): [number, number, number] {
  const rest = Math.floor(blockId / blocksPerSecondMax);
  const second = Math.floor(rest / ingestProcessesMax);
  return [second, rest % ingestProcessesMax, blockId % blocksPerSecondMax];
}

function blockIdOf([second, process, count]: readonly [number, number, number]): number {
  return (second * ingestProcessesMax + process) * blocksPerSecondMax + count;
}

/** How block ids of one page are written: the lowest value of each part, and the bits of its distances. */
interface IdForm {
  readonly lowest: readonly [number, number, number];
  readonly widths: readonly [number, number, number];
}

function idFormOf(blockIds: readonly number[]): IdForm {
  const lowest: [number, number, number] = [Infinity, Infinity, Infinity];
  const highest: [number, number, number] = [0, 0, 0];
  for (const blockId of blockIds) {
    const [second, process, count] = partsOf(blockId);
    lowest[0] = Math.min(lowest[0], second);
    lowest[1] = Math.min(lowest[1], process);
    lowest[2] = Math.min(lowest[2], count);
    highest[0] = Math.max(highest[0], second);
    highest[1] = Math.max(highest[1], process);
    highest[2] = Math.max(highest[2], count);
  }
  const widths = [
    bitsOf(highest[0] - lowest[0]),
    bitsOf(highest[1] - lowest[1]),
    bitsOf(highest[2] - lowest[2]),
  ] as const;
  return { lowest, widths };
}

function idBitsOf({ widths }: IdForm): number {
  return widths[0] + widths[1] + widths[2];
}

function bitsOf(value: number): number {
  return value === 0 ? 0 : 32 - Math.clz32(value);
}

function writeBlocks(bits: BitWriter, blocks: Float64Array): void {
  if (blocks.length === 0) return;
  const { listed, references } = listedOnce(blocks);
  const form = idFormOf(listed);
  for (const part of form.lowest) bits.write(part, lowestBits);
  for (const width of form.widths) bits.write(width, widthBits);
  const referenceBits = bitsOf(listed.length - 1);
  const idBits = idBitsOf(form);
  const isListed =
    countBits + listed.length * idBits + blocks.length * referenceBits < blocks.length * idBits;
  bits.write(isListed ? 1 : 0, 1);
  if (isListed) {
    bits.write(listed.length, countBits);
    for (const blockId of listed) writeId(bits, form, blockId);
    for (const reference of references) bits.write(reference, referenceBits);
  } else {
    for (const blockId of blocks) writeId(bits, form, blockId);
  }
}

/** Each block once, and for each entry the place of its block among them. */
function listedOnce(blocks: Float64Array): { listed: number[]; references: Uint32Array } {
  const listed: number[] = [];
  const places = new Map<number, number>();
  const references = new Uint32Array(blocks.length);
  for (let entry = 0; entry < blocks.length; entry += 1) {
    const blockId = blocks[entry] ?? 0;
    let place = places.get(blockId);
    if (place === undefined) {
      place = listed.push(blockId) - 1;
      places.set(blockId, place);
    }
    references[entry] = place;
  }
  return { listed, references };
}

function writeId(bits: BitWriter, { lowest, widths }: IdForm, blockId: number): void {
  const [second, process, count] = partsOf(blockId);
  bits.write(second - lowest[0], widths[0]);
  bits.write(process - lowest[1], widths[1]);
  bits.write(count - lowest[2], widths[2]);
}

/** Finds its way in the bytes of a page. */
class PageReader {
  readonly count: number;
  readonly #bits: BitReader;
  readonly #byteCount: number;
  readonly #rice: number;
  readonly #first: number;
  #form: IdForm = { lowest: [0, 0, 0], widths: [0, 0, 0] };
  /** Where the blocks that entries refer to are listed; null where each has its block's id. */
  #listed: { readonly at: number; readonly length: number } | null = null;
  #blockBits = 0;
  #blocksAt = 0;
  readonly #exchangesAt: number;
  readonly #gapsAt: number;

  constructor(bytes: Uint8Array) {
    const bits = new BitReader(bytes);
    this.#bits = bits;
    this.#byteCount = bytes.length;
    refuseIf(bits.read(8) !== version, "A page is of another version.");
    this.count = bits.read(countBits);
    refuseIf(this.count > bytes.length * 8, "A page ends before its entries.");
    this.#rice = bits.read(riceBits);
    refuseIf(this.#rice > fingerprintBits, "Distances of a page are too wide.");
    this.#first = bits.readWide(fingerprintBits);
    if (this.count > 0) this.#readBlockForm();
    this.#blocksAt = bits.position;
    this.#exchangesAt = this.#blocksAt + this.count * this.#blockBits;
    this.#gapsAt = this.#exchangesAt + this.count;
    bits.moveTo(this.#gapsAt);
  }

  blocksInto(blocks: Float64Array): void {
    const bits = this.#bits;
    const listed = new Float64Array(this.#listed?.length ?? 0);
    bits.moveTo(this.#listed?.at ?? this.#blocksAt);
    for (let place = 0; place < listed.length; place += 1) listed[place] = this.#readId();
    for (let place = 0; place < this.count; place += 1) {
      blocks[place] =
        this.#listed === null ? this.#readId() : referredTo(listed, bits.read(this.#blockBits));
    }
  }

  exchangesInto(exchanges: Uint8Array): void {
    this.#bits.moveTo(this.#exchangesAt);
    for (let place = 0; place < this.count; place += 1) exchanges[place] = this.#bits.read(1);
  }

  hitAt(place: number): TraceHit {
    const bits = this.#bits;
    bits.moveTo(this.#exchangesAt + place);
    const hasExchange = bits.read(1) === 1;
    bits.moveTo(this.#blocksAt + place * this.#blockBits);
    if (this.#listed !== null) {
      const reference = bits.read(this.#blockBits);
      refuseIf(reference >= this.#listed.length, noSuchBlock);
      bits.moveTo(this.#listed.at + reference * idBitsOf(this.#form));
    }
    return { blockId: this.#readId(), hasExchange };
  }

  /** Visits the fingerprints in their order until the visitor says no. */
  eachFingerprint(visit: (fingerprint: number, place: number) => boolean): void {
    if (this.count === 0) return;
    const bits = this.#bits;
    bits.moveTo(this.#gapsAt);
    let fingerprint = this.#first;
    for (let place = 0; visit(fingerprint, place);) {
      place += 1;
      if (place === this.count) return;
      fingerprint += bits.readRice(this.#rice);
      refuseIf(fingerprint >= fingerprintsMax, "A fingerprint of a page is too large.");
    }
  }

  /** Refuses bytes after the last fingerprint, which was just read. */
  end(): void {
    refuseIf((this.#bits.position + 7) >>> 3 !== this.#byteCount, "Bytes follow a page.");
  }

  #readBlockForm(): void {
    const bits = this.#bits;
    const lowest = [bits.read(lowestBits), bits.read(lowestBits), bits.read(lowestBits)] as const;
    const widths = [bits.read(widthBits), bits.read(widthBits), bits.read(widthBits)] as const;
    refuseIf(Math.max(...widths) > lowestBits, "Block ids of a page are too wide.");
    this.#form = { lowest, widths };
    this.#blockBits = idBitsOf(this.#form);
    if (bits.read(1) === 0) return;
    const length = bits.read(countBits);
    refuseIf(length === 0 || length > this.count, "A page lists more blocks than it has entries.");
    this.#listed = { at: bits.position, length };
    bits.moveTo(bits.position + length * this.#blockBits);
    this.#blockBits = bitsOf(length - 1);
  }

  #readId(): number {
    const { lowest, widths } = this.#form;
    const second = lowest[0] + this.#bits.read(widths[0]);
    const process = lowest[1] + this.#bits.read(widths[1]);
    const count = lowest[2] + this.#bits.read(widths[2]);
    const blockId = blockIdOf([second, process, count]);
    refuseIf(!Number.isSafeInteger(blockId), "A block id of a page is too large.");
    return blockId;
  }
}

const noSuchBlock = "A page refers to a block that it does not list.";

function referredTo(listed: Float64Array, reference: number): number {
  const blockId = listed[reference];
  if (blockId === undefined) throw new MalformedTraceIndex(noSuchBlock);
  return blockId;
}

function refuseIf(isWrong: boolean, message: string): void {
  if (isWrong) throw new MalformedTraceIndex(message);
}

/** Bytes that end too early are malformed ones, too. */
function guarded<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MalformedTraceIndex("A page ends too early.", { cause: error });
  }
}
