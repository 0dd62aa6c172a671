import { byteAt, type Bytes } from "../bytes.ts";
import { pathTextOf, textOf } from "../strings.ts";
import type { Cursor } from "./cursor.ts";
import { type KeyGroup, keyNumberOf, knownKeyCount } from "./known-keys.ts";
import { walkValue, walkValueField } from "./walk.ts";

/** Tags of KeyValue, AnyValue and ArrayValue fields. */
const tags = {
  key: 0x0a,
  value: 0x12,
  string: 0x0a,
  bool: 0x10,
  int: 0x18,
  double: 0x21,
  array: 0x2a,
} as const;

/** Where the text of a key ends that holds a number instead. */
const isNumber = -1;

const nothing: Bytes = { bytes: Buffer.alloc(0), view: new DataView(new ArrayBuffer(0)) };

/**
 * The known attributes of one span or resource: where their values stand in the payload.
 * Strings are only made of the values that are asked for. One instance serves span after span, payload after payload.
 */
export class AttributeSlots {
  private source: Bytes = nothing;
  private presentLow = 0;
  private presentHigh = 0;
  private readonly starts = new Int32Array(knownKeyCount);
  private readonly ends = new Int32Array(knownKeyCount);
  private readonly numbers = new Float64Array(knownKeyCount);

  /** Begins with a payload. */
  open(source: Bytes): void {
    this.source = source;
    this.clear();
  }

  /** Lets go of the payload. */
  close(): void {
    this.source = nothing;
  }

  /** Forgets what was taken: the next span begins. */
  clear(): void {
    this.presentLow = 0;
    this.presentHigh = 0;
  }

  /**
   * Takes the KeyValue in the current field, and those that follow it directly under the same tag of one byte.
   * The last of several with one key counts.
   */
  take(cursor: Cursor): void {
    const { bytes } = this.source;
    const { tag, end } = cursor;
    let { at } = cursor;
    do {
      const plainEnd = this.plainEnd(at, end);
      if (plainEnd !== -1) {
        at = plainEnd;
      } else {
        cursor.at = at;
        this.takeAny(cursor);
        at = cursor.at;
      }
      at += 1;
    } while (at < end && bytes[at - 1] === tag);
    cursor.at = at - 1;
  }

  /** Whether any of the keys was taken. */
  hasAny(group: KeyGroup): boolean {
    return ((this.presentLow & group.low) | (this.presentHigh & group.high)) !== 0;
  }

  /** The first of the keys that has a text; null when none has, or only an empty one. */
  text(group: KeyGroup): string | null {
    if (!this.hasAny(group)) return null;
    const { keys } = group;
    for (let index = 0; index < keys.length; index += 1) {
      const text = this.textAt(keys[index] ?? 0);
      if (text !== null) return text;
    }
    return null;
  }

  /** As `text`, for a group of one key whose values are seldom the same, such as paths. */
  path(group: KeyGroup): string | null {
    if (!this.hasAny(group)) return null;
    const key = this.stringKey(group);
    if (key === null) return this.text(group);
    return pathTextOf(this.source, this.startOf(key), this.endOf(key)) || null;
  }

  /** The first of the keys that has a whole number of at least 0, sent as a number or as its digits. */
  count(group: KeyGroup): number | null {
    if (!this.hasAny(group)) return null;
    const { keys } = group;
    for (let index = 0; index < keys.length; index += 1) {
      const count = this.countAt(keys[index] ?? 0);
      if (count !== null) return count;
    }
    return null;
  }

  /** The first of the keys whose value was sent as a string; null when none was. */
  stringKey(group: KeyGroup): number | null {
    if (!this.hasAny(group)) return null;
    const { keys } = group;
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] ?? 0;
      if (this.holds(key) && this.ends[key] !== isNumber) return key;
    }
    return null;
  }

  /** Where the string of a key that `stringKey` gave starts in the payload. */
  startOf(key: number): number {
    return this.starts[key] ?? 0;
  }

  /** Where the string of a key that `stringKey` gave ends in the payload. */
  endOf(key: number): number {
    return this.ends[key] ?? 0;
  }

  private holds(key: number): boolean {
    const bits = key < 32 ? this.presentLow : this.presentHigh;
    return ((bits >>> (key & 31)) & 1) === 1;
  }

  private textAt(key: number): string | null {
    if (!this.holds(key)) return null;
    if (this.ends[key] === isNumber) return String(this.numbers[key]);
    return textOf(this.source, this.startOf(key), this.endOf(key)) || null;
  }

  private countAt(key: number): number | null {
    if (!this.holds(key)) return null;
    if (this.ends[key] !== isNumber) return this.digits(key);
    const number = Math.trunc(this.numbers[key] ?? -1);
    return number >= 0 && number <= Number.MAX_SAFE_INTEGER ? number : null;
  }

  /**
   * Takes a KeyValue that is as most are, a key and then a string or a small number, with lengths of one byte,
   * and gives where it ends; takes nothing and gives -1 for any other. Four bytes are read at a time.
   */
  private plainEnd(start: number, outerEnd: number): number {
    if (start + 4 > outerEnd) return -1;
    const { view } = this.source;
    const head = view.getInt32(start, true);
    const end = start + 1 + (head & 0xff);
    const keyStart = start + 3;
    const keyEnd = keyStart + ((head >>> 16) & 0xff);
    // With 127 bytes at most in all, a length of two bytes, which reads as 128 or more here, never fits.
    if (end > outerEnd || keyEnd + 4 > end || end - start > 0x80) return -1;
    if (((head >>> 8) & 0xff) !== tags.key) return -1;
    const middle = view.getInt32(keyEnd, true);
    if ((middle & 0xff_ff) !== (tags.value | ((end - keyEnd - 2) << 8))) return -1;
    const kind = (middle >>> 16) & 0xff;
    const key = keyNumberOf(this.source, keyStart, keyEnd);
    const taken =
      kind === tags.string
        ? this.takeString(key, keyEnd + 4, end, middle >>> 24)
        : kind === tags.int && this.takeInt(key, keyEnd + 3, end);
    return taken ? end : -1;
  }

  private takeString(key: number, start: number, end: number, length: number): boolean {
    if (length !== end - start) return false;
    if (key !== -1) {
      this.mark(key);
      this.starts[key] = start;
      this.ends[key] = end;
    }
    return true;
  }

  /** Of at most four bytes: those of bytes, statuses and ports. */
  private takeInt(key: number, start: number, end: number): boolean {
    const { bytes } = this.source;
    if (end - start > 4 || byteAt(bytes, end - 1) > 0x7f) return false;
    let value = byteAt(bytes, end - 1);
    for (let at = end - 2; at >= start; at -= 1) {
      const byte = byteAt(bytes, at);
      if (byte < 0x80) return false;
      value = (value << 7) | (byte & 0x7f);
    }
    if (key !== -1) this.holdNumber(key, value);
    return true;
  }

  private takeAny(cursor: Cursor): void {
    const outer = cursor.enter();
    const { end } = cursor;
    let keyStart = 0;
    let keyEnd = 0;
    let valueStart = 0;
    let valueEnd = 0;
    while (cursor.next()) {
      const { tag } = cursor;
      if (tag !== tags.key && tag !== tags.value) {
        cursor.skip();
        continue;
      }
      const around = cursor.enter();
      if (tag === tags.key) {
        keyStart = cursor.at;
        keyEnd = cursor.end;
      } else {
        valueStart = cursor.at;
        valueEnd = cursor.end;
      }
      cursor.leave(around);
    }
    cursor.at = valueStart;
    cursor.end = valueEnd;
    const key = keyNumberOf(this.source, keyStart, keyEnd);
    if (key === -1) walkValue(cursor, 0);
    else this.hold(key, cursor);
    cursor.end = end;
    cursor.leave(outer);
  }

  private hold(key: number, cursor: Cursor): void {
    this.drop(key);
    while (cursor.next()) {
      switch (cursor.tag) {
        case tags.string:
          this.holdText(key, cursor);
          break;
        case tags.int:
        case tags.bool:
          this.holdNumber(key, signed(cursor.varint()));
          break;
        case tags.double:
          this.holdNumber(key, cursor.view.getFloat64(cursor.fixed64(), true));
          break;
        case tags.array:
          this.holdFirstOf(key, cursor);
          break;
        default:
          walkValueField(cursor, 0);
      }
    }
  }

  private drop(key: number): void {
    if (key < 32) this.presentLow &= ~(1 << key);
    else this.presentHigh &= ~(1 << (key - 32));
  }

  private mark(key: number): void {
    if (key < 32) this.presentLow |= 1 << key;
    else this.presentHigh |= 1 << (key - 32);
  }

  private holdNumber(key: number, value: number): void {
    this.mark(key);
    this.ends[key] = isNumber;
    this.numbers[key] = value;
  }

  private holdText(key: number, cursor: Cursor): void {
    const outer = cursor.enter();
    this.mark(key);
    this.starts[key] = cursor.at;
    this.ends[key] = cursor.end;
    cursor.leave(outer);
  }

  /** Of a list of texts, as header attributes are, the first is held. */
  private holdFirstOf(key: number, cursor: Cursor): void {
    const outer = cursor.enter();
    while (cursor.next()) {
      if (cursor.tag !== tags.key) {
        cursor.skip();
        continue;
      }
      const around = cursor.enter();
      while (cursor.next()) {
        if (cursor.tag === tags.string && !this.holds(key)) this.holdText(key, cursor);
        else walkValueField(cursor, 0);
      }
      cursor.leave(around);
    }
    cursor.leave(outer);
  }

  private digits(key: number): number | null {
    const start = this.startOf(key);
    const end = this.endOf(key);
    if (end === start || end - start > 15) return null;
    let number = 0;
    for (let at = start; at < end; at += 1) {
      const digit = byteAt(this.source.bytes, at) - 48;
      if (digit < 0 || digit > 9) return null;
      number = number * 10 + digit;
    }
    return number;
  }
}

/** An int64 that was read as unsigned. */
function signed(number: number): number {
  return number >= 2 ** 63 ? number - 2 ** 64 : number;
}
