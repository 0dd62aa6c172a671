import { byteAt, type Cursor } from "./cursor.ts";
import { keyNumberOf, knownKeyCount } from "./known-keys.ts";
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
const held = { nothing: 0, text: 1, number: 2 } as const;

/**
 * The known attributes of one span or resource: where their values stand in the payload.
 * Strings are only made of the values that are asked for. One instance serves span after span.
 */
export class AttributeSlots {
  private readonly bytes: Uint8Array;
  private generation = 0;
  private readonly generations = new Float64Array(knownKeyCount);
  private readonly kinds = new Uint8Array(knownKeyCount);
  private readonly starts = new Int32Array(knownKeyCount);
  private readonly ends = new Int32Array(knownKeyCount);
  private readonly numbers = new Float64Array(knownKeyCount);
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Forgets what was taken: the next span begins. */
  clear(): void {
    this.generation += 1;
  }

  /** Takes the KeyValue that the cursor stands before; the last of several with one key counts. */
  take(cursor: Cursor): void {
    const outer = cursor.enter();
    const end = cursor.end;
    let keyStart = 0;
    let keyEnd = 0;
    let valueStart = 0;
    let valueEnd = 0;
    while (cursor.next()) {
      const tag = cursor.tag;
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
    const key = keyNumberOf(this.bytes, keyStart, keyEnd);
    if (key === -1) walkValue(cursor, 0);
    else this.hold(key, cursor);
    cursor.end = end;
    cursor.leave(outer);
  }

  has(key: number): boolean {
    return this.generations[key] === this.generation && this.kinds[key] !== held.nothing;
  }

  /** The value as text; null when absent or empty. */
  text(key: number): string | null {
    if (!this.has(key)) return null;
    if (this.kinds[key] === held.number) return String(this.numbers[key]);
    return textOf(this.bytes, this.starts[key] ?? 0, this.ends[key] ?? 0) || null;
  }

  /** The value as a whole number of at least 0, whether it was sent as a number or as its digits. */
  count(key: number): number | null {
    if (!this.has(key)) return null;
    if (this.kinds[key] === held.text) return this.digits(key);
    const number = Math.trunc(this.numbers[key] ?? -1);
    return number >= 0 && number <= Number.MAX_SAFE_INTEGER ? number : null;
  }

  /** Where the text of a key starts in the payload; only for keys that `isText`. */
  startOf(key: number): number {
    return this.starts[key] ?? 0;
  }

  /** Where the text of a key ends in the payload; only for keys that `isText`. */
  endOf(key: number): number {
    return this.ends[key] ?? 0;
  }

  isText(key: number): boolean {
    return this.has(key) && this.kinds[key] === held.text;
  }

  private hold(key: number, cursor: Cursor): void {
    this.generations[key] = this.generation;
    this.kinds[key] = held.nothing;
    while (cursor.next()) {
      switch (cursor.tag) {
        case tags.string:
          this.holdText(key, cursor);
          break;
        case tags.int:
        case tags.bool:
          this.kinds[key] = held.number;
          this.numbers[key] = signed(cursor.varint());
          break;
        case tags.double:
          this.kinds[key] = held.number;
          this.numbers[key] = this.view.getFloat64(cursor.fixed64(), true);
          break;
        case tags.array:
          this.holdFirstOf(key, cursor);
          break;
        default:
          walkValueField(cursor, 0);
      }
    }
  }

  private holdText(key: number, cursor: Cursor): void {
    const outer = cursor.enter();
    this.kinds[key] = held.text;
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
        if (cursor.tag === tags.string && this.kinds[key] === held.nothing)
          this.holdText(key, cursor);
        else walkValueField(cursor, 0);
      }
      cursor.leave(around);
    }
    cursor.leave(outer);
  }

  private digits(key: number): number | null {
    const start = this.starts[key] ?? 0;
    const end = this.ends[key] ?? 0;
    if (end === start || end - start > 15) return null;
    let number = 0;
    for (let at = start; at < end; at += 1) {
      const digit = byteAt(this.bytes, at) - 48;
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
