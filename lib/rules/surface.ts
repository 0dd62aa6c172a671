const unitFactor = new Map(
  Object.entries({ ms: 1e-3, s: 1, m: 60, h: 3_600, d: 86_400, "%": 0.01 }),
);
const wordOperators = new Map(Object.entries({ and: "&&", or: "||", not: "!" }));

/** Strings, word operators and numbers with their units; everything between is left as it is. */
const tokens =
  /(?<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\b(?<word>and|or|not)\b|(?<![\w.])(?<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?<unit>ms|s|m|h|d|%)?(?![\w.])/g;

/** An expression as the engine reads it, with the way back to the text that was written. */
export interface Translated {
  readonly cel: string;
  /** For each character of `cel`, and one past its end, the place in the written text. */
  readonly placeOf: readonly number[];
}

/**
 * Translates what people write into CEL: `and or not`, numbers with units (seconds, shares of 1), and all numbers as doubles,
 * so that `error_rate_5m > 0.5% and p95_latency_5m > 1.2s` means what it says.
 */
export function translate(text: string): Translated {
  let cel = "";
  const placeOf: number[] = [];
  let last = 0;
  const append = (piece: string, at: number, moves: boolean): void => {
    for (let offset = 0; offset < piece.length; offset += 1) {
      placeOf.push(moves ? at + offset : at);
    }
    cel += piece;
  };
  for (const match of text.matchAll(tokens)) {
    append(text.slice(last, match.index), last, true);
    const written = match.groups?.["string"];
    append(written ?? celOf(match.groups ?? {}), match.index, written !== undefined);
    last = match.index + match[0].length;
  }
  append(text.slice(last), last, true);
  placeOf.push(text.length);
  return { cel, placeOf };
}

function celOf({ word, number, unit }: Record<string, string | undefined>): string {
  const operator = wordOperators.get(word ?? "");
  if (operator !== undefined) return operator;
  const factor = unitFactor.get(unit ?? "") ?? 1;
  // 15 digits: 0.1 % is 0.001 and not 0.0010000000000000002.
  return doubleText(Number((Number(number) * factor).toPrecision(15)));
}

function doubleText(value: number): string {
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
