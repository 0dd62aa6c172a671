/** Pieces of protobuf, for templates that are encoded once. */
export function message(field: number, body: readonly number[]): number[] {
  return [...fieldHead(field, body.length), ...body];
}

/** The tag and the length of a field of bytes. */
export function fieldHead(field: number, length: number): number[] {
  return [...varint((field << 3) | 2), ...varint(length)];
}

export function text(field: number, value: string): number[] {
  return message(field, [...Buffer.from(value)]);
}

/** A field of so many bytes, all zero. */
export function raw(field: number, bytes: number): number[] {
  return message(field, zeros(bytes));
}

/** A KeyValue of OpenTelemetry with a text. */
export function attribute(field: number, key: string, value: string): number[] {
  return message(field, [...text(1, key), ...message(2, text(1, value))]);
}

/** A KeyValue of OpenTelemetry with an integer, which is given as a varint. */
export function attributeInt(field: number, key: string, value: readonly number[]): number[] {
  return message(field, [...text(1, key), ...message(2, [0x18, ...value])]);
}

export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

export function zeros(count: number): number[] {
  return Array<number>(count).fill(0);
}
