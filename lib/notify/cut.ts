const ellipsis = "…";

/** At most this many characters (code points), with an ellipsis where something was cut off. */
export function cutRunes(text: string, runesMax: number): string {
  if (text.length <= runesMax) return text;
  const runes = Array.from(text);
  return runes.length <= runesMax ? text : `${runes.slice(0, runesMax - 1).join("")}${ellipsis}`;
}

/** At most this many bytes of UTF-8, never half a character, with an ellipsis where something was cut off. */
export function cutBytes(text: string, bytesMax: number): string {
  if (bytesOf(text) <= bytesMax) return text;
  let bytes = bytesOf(ellipsis);
  let kept = "";
  for (const rune of text) {
    bytes += bytesOf(rune);
    if (bytes > bytesMax) break;
    kept += rune;
  }
  return `${kept}${ellipsis}`;
}

/** Length in characters (code points). */
export function runesOf(text: string): number {
  return Array.from(text).length;
}

/** Length in UTF-8. */
export function bytesOf(text: string): number {
  return Buffer.byteLength(text, "utf8");
}
