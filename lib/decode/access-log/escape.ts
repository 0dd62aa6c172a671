/**
 * Undoes the escapes of text logs: `\xHH` (nginx, Apache, Varnish) as bytes of UTF-8,
 * and the backslash escapes of quote, backslash, newline, return, tab, backspace, form feed and vertical tab.
 * Bytes that are no UTF-8 become U+FFFD.
 */
export function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  const bytes: number[] = [];
  for (let at = 0; at < text.length;)
    at += text[at] === "\\" ? undo(text, at, bytes) : keep(text, at, bytes);
  return utf8.decode(Uint8Array.from(bytes));
}

const utf8 = new TextDecoder();
const encoder = new TextEncoder();
const letters: Readonly<Record<string, number>> = {
  '"': 34,
  "\\": 92,
  n: 10,
  r: 13,
  t: 9,
  b: 8,
  f: 12,
  v: 11,
};

/** Both return how many characters of the text they used. */
function undo(text: string, at: number, bytes: number[]): number {
  const next = text[at + 1] ?? "";
  const hex = text.slice(at + 2, at + 4);
  if (next === "x" && /^[0-9A-Fa-f]{2}$/.test(hex)) {
    bytes.push(Number.parseInt(hex, 16));
    return 4;
  }
  const letter = letters[next];
  bytes.push(letter ?? 92);
  return letter === undefined ? 1 : 2;
}

function keep(text: string, at: number, bytes: number[]): number {
  const point = text.codePointAt(at) ?? 0;
  if (point < 128) {
    bytes.push(point);
    return 1;
  }
  const character = String.fromCodePoint(point);
  bytes.push(...encoder.encode(character));
  return character.length;
}
