/**
 * Undoes the escapes that Apache and Varnish write: `\xHH` as bytes of UTF-8, and a backslash before
 * quote, backslash, newline, return, tab, backspace, form feed and vertical tab.
 * Bytes that are no UTF-8 become U+FFFD.
 */
export function unescaped(text: string): string {
  return text.indexOf("\\") >= 0 ? text.replaceAll(anyEscapes, decodedEscapes) : text;
}

/** Undoes nginx's only escape, `\xHH`, as bytes of UTF-8; those that are none become U+FFFD. */
export function hexUnescaped(text: string): string {
  return text.indexOf("\\") >= 0 ? text.replaceAll(hexEscapes, decodedEscapes) : text;
}

/** Whole runs, as one character may be several bytes. */
const hexEscapes = /(?:\\x[0-9A-Fa-f]{2})+/g;
const anyEscapes = /(?:\\x[0-9A-Fa-f]{2}|\\["\\nrtbfv])+/g;
const oneEscape = /\\(?:x([0-9A-Fa-f]{2})|(.))/g;
const utf8 = new TextDecoder();
const letters: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, b: 8, f: 12, v: 11 };

function decodedEscapes(run: string): string {
  const bytes = [...run.matchAll(oneEscape)].map(([, hex, letter = ""]) =>
    hex === undefined ? (letters[letter] ?? letter.charCodeAt(0)) : Number.parseInt(hex, 16),
  );
  return utf8.decode(Uint8Array.from(bytes));
}
