export type Random = (below: number) => number;

/** Numbers that are the same for one seed in every run. */
export function randomOf(seed: number): Random {
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export function oneOf<Item>(random: Random, items: readonly Item[], fallback: Item): Item {
  return items[random(Math.max(1, items.length))] ?? fallback;
}

/** The bytes with a few of them changed, left out, put twice or replaced by others. */
export function mutatedBytes(bytes: Uint8Array, random: Random): Uint8Array {
  let result = Buffer.from(bytes);
  for (let count = 1 + random(4); count > 0 && result.length > 0; count -= 1) {
    const at = random(result.length);
    const to = at + random(Math.min(40, result.length - at) + 1);
    const parts = [result.subarray(0, at), result.subarray(at, to), result.subarray(to)] as const;
    const changes = [
      () => result.fill(random(256), at, at + 1),
      () => result.fill(oneOf(random, [0, 0x7f, 0x80, 0xff], 0), at, to),
      () => (result = Buffer.concat([parts[0], parts[2]])),
      () => (result = Buffer.concat([parts[0], parts[1], parts[1], parts[2]])),
      () => (result = Buffer.concat([parts[0], randomBytes(random, 30), parts[2]])),
      () => (result = Buffer.from(parts[0])),
    ];
    changes[random(changes.length)]?.();
  }
  return result;
}

export function randomBytes(random: Random, lengthMax: number): Uint8Array {
  return Uint8Array.from({ length: random(lengthMax) }, () => random(256));
}

const textLengthMax = 65_536;
/** What formats give a meaning to, and what none expects. */
const specials = [
  ...Array.from("\"'\\[](){}<>|,:;=%/ \t\r\n\0-+.0"),
  "99999999999999999999",
  "-1",
  "1e308",
  "NaN",
  "\uFEFF",
  "\uD800",
  "\u001B[31m",
  "\\x",
  "\\u12",
  "%zz",
  "null",
  " - ",
  " : ",
  ", ",
  "::1",
  "[::ffff:1.2.3.4]:443",
  "é",
  "𝄞",
];

/** The text changed in a few places; now and then a part of it stands there thousands of times. */
export function mutatedText(text: string, other: string, random: Random): string {
  let result = text;
  for (let count = 1 + random(4); count > 0; count -= 1) {
    const at = random(result.length + 1);
    const to = Math.min(result.length, at + random(20));
    const [before, part, after] = [result.slice(0, at), result.slice(at, to), result.slice(to)];
    const special = oneOf(random, specials, "");
    const changes = [
      () => before + special + after,
      () => before + part + special + after,
      () => before + after,
      () => before + part + part + after,
      () => before,
      () => before + other.slice(random(other.length + 1)),
      () => before + digits(random) + after,
      () => (random(40) === 0 ? before + repeated(part + special, random) + after : result),
    ];
    result = changes[random(changes.length)]?.() ?? result;
  }
  return result.slice(0, textLengthMax);
}

function digits(random: Random): string {
  return Array.from({ length: 1 + random(22) }, () => random(10)).join("");
}

function repeated(text: string, random: Random): string {
  return text === "" ? "" : text.repeat(1 + random(Math.ceil(40_000 / text.length)));
}
