const quote = 0x22;
const backslash = 0x5c;
/** `[` and `{` become this with the bit 0x20 set, `]` and `}` become the other; no other character does. */
const open = 0x7b;
const close = 0x7d;

/**
 * Whether lists and objects in a JSON text stand more than so many inside each other.
 * JSON.parse takes seconds for a few megabytes of brackets, so they are counted before.
 */
export function isDeeperThan(text: string, depthMax: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at);
      continue;
    }
    const bracket = code | 0x20;
    if (bracket === open) depth += 1;
    else if (bracket === close) depth -= 1;
    if (depth > depthMax) return true;
  }
  return false;
}

/** Where the string that starts here has its closing quote; the end of the text where it has none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    if (code === backslash) at += 1;
  }
  return text.length;
}
