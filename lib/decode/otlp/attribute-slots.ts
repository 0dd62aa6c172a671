import { byteAt, type Bytes, type Cursor } from "./cursor.ts";
import { type KeyGroup, keyNumberOf, knownKeyCount } from "./known-keys.ts";
import { textOf } from "./strings.ts";
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

/** What a slot holds. */
const held = { text: 1, number: 2 } as const;

/**
 * The known attributes of one span or resource: where their values stand in the payload.
 * Strings are only made of the values that are asked for. One instance serves span after span.
 */
export class AttributeSlots {
  private readonly source: Bytes;
  private presentLow = 0;
  private presentHigh = 0;
  private readonly kinds = new Uint8Array(knownKeyCount);
  private readonly starts = new Int32Array(knownKeyCount);
  private readonly ends = new Int32Array(knownKeyCount);
  private readonly numbers = new Float64Array(knownKeyCount);

  constructor(source: Bytes) {
    this.source = source;
  }

  /** Forgets what was taken: the next span begins. */
  clear(): void {
    this.presentLow = 0;
    this.presentHigh = 0;
  }

  /** Takes the KeyValue that the cursor stands before; the last of several with one key counts. */
  take(cursor: Cursor): void {
    const outer = cursor.enter();
    if (!this.takePlain(cursor)) this.takeAny(cursor);
    cursor.leave(outer);
  }

  /** Whether any of the keys was taken. */
  hasAny(group: KeyGroup): boolean {
    return ((this.presentLow & group.low) | (this.presentHigh & group.high)) !== 0;
  }

  /** The first of the keys that has a text; null when none has, or only an empty one. */
  text(group: KeyGroup): string | null {
    if (!this.hasAny(group)) return null;
    for (const key of group.keys) {
      const text = this.textAt(key);
      if (text !== null) return text;
    }
    return null;
  }

  /** The first of the keys that has a whole number of at least 0, sent as a number or as its digits. */
  count(group: KeyGroup): number | null {
    if (!this.hasAny(group)) return null;
    for (const key of group.keys) {
      const count = this.countAt(key);
      if (count !== null) return count;
    }
    return null;
  }

  /** The first of the keys whose value was sent as a string; null when none was. */
  stringKey(group: KeyGroup): number | null {
    if (!this.hasAny(group)) return null;
    return group.keys.find((key) => this.holds(key) && this.kinds[key] === held.text) ?? null;
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
    if (this.kinds[key] === held.number) return String(this.numbers[key]);
    return textOf(this.source, this.startOf(key), this.endOf(key)) || null;
  }

  private countAt(key: number): number | null {
    if (!this.holds(key)) return null;
    if (this.kinds[key] === held.text) return this.digits(key);
    const number = Math.trunc(this.numbers[key] ?? -1);
    return number >= 0 && number <= Number.MAX_SAFE_INTEGER ? number : null;
  }

  /** The KeyValue as encoders write it: the key, then the value, each with a length of one byte. */
  private takePlain(cursor: Cursor): boolean {
    const { bytes } = this.source;
    const { at, end } = cursor;
    if (end - at < 4 || bytes[at] !== tags.key) return false;
    const keyLength = byteAt(bytes, at + 1);
    const valueAt = at + 4 + keyLength;
    if (keyLength > 0x7f || valueAt > end || bytes[valueAt - 2] !== tags.value) return false;
    if (byteAt(bytes, valueAt - 1) !== end - valueAt || end - valueAt > 0x7f) return false;
    const key = keyNumberOf(this.source, at + 2, at + 2 + keyLength);
    if (this.takePlainString(key, valueAt, end)) return true;
    cursor.at = valueAt;
    if (key === -1) walkValue(cursor, 0);
    else this.hold(key, cursor);
    return true;
  }

  /** Whether the value is a string and nothing else; takes it when the key is known. */
  private takePlainString(key: number, at: number, end: number): boolean {
    const { bytes } = this.source;
    if (end - at < 2 || bytes[at] !== tags.string || bytes[at + 1] !== end - at - 2) return false;
    if (key !== -1) {
      this.mark(key, held.text);
      this.starts[key] = at + 2;
      this.ends[key] = end;
    }
    return true;
  }

  private takeAny(cursor: Cursor): void {
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

  private mark(key: number, kind: number): void {
    this.kinds[key] = kind;
    if (key < 32) this.presentLow |= 1 << key;
    else this.presentHigh |= 1 << (key - 32);
  }

  private holdNumber(key: number, value: number): void {
    this.mark(key, held.number);
    this.numbers[key] = value;
  }

  private holdText(key: number, cursor: Cursor): void {
    const outer = cursor.enter();
    this.mark(key, held.text);
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
