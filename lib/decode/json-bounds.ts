import { MalformedPayload } from "./malformed.ts";

/** Lists and objects inside each other: two for each message of OTLP, and some for what is unknown. */
const depthMax = 400;
/** A value takes a hundred bytes and more, and may be two in the text. */
const valuesMax = 4_194_304;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
/** `[` and `{` become this with the bit 0x20 set, `]` and `}` become the other; no other character does. */
const open = 0x7b;
const close = 0x7d;

/**
 * Throws MalformedPayload for a text of JSON whose values stand too deep in each other, or are too many: JSON.parse takes
 * seconds for a few megabytes of brackets, and gigabytes for what a body of small values inflates to.
 */
export function checkJsonBounds(text: string): void {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at);
      continue;
    }
    if (code === comma) values += 1;
    const bracket = code | 0x20;
    if (bracket === open) {
      depth += 1;
      values += 1;
    } else if (bracket === close) depth -= 1;
    if (depth > depthMax) throw tooDeep();
    if (values > valuesMax) throw tooMany();
  }
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

/** The refusal of values that stand too deep in each other. */
export function tooDeep(): MalformedPayload {
  return new MalformedPayload("The body's values are nested too deep.");
}

function tooMany(): MalformedPayload {
  return new MalformedPayload(
    `The body holds more than ${valuesMax} values; send smaller batches.`,
  );
}
