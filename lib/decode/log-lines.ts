import { criPart } from "./access-log/unwrap.ts";

/** Longer lines are given as they are, in pieces: nobody's access line comes near it. */
const joinedLengthMax = 1_048_576;

/**
 * The lines with those joined that CRI cut into partial ones: the whole line stands in the place of its last piece,
 * and the places of the others are empty, so that every line keeps its number.
 */
export function joinedLines(lines: readonly string[]): string[] {
  let held = "";
  return lines.map((line) => {
    const part = criPart(line);
    if (part === null || (part.isLast && held === "")) return line;
    const whole = held + part.text;
    const isDone = part.isLast || whole.length > joinedLengthMax;
    held = isDone ? "" : whole;
    return isDone ? whole : "";
  });
}
