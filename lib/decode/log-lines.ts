import { criPart, transportTimeUs } from "./access-log/unwrap.ts";

/** Longer lines are given as they are, in pieces: nobody's access line comes near it. */
const joinedLengthMax = 1_048_576;

/**
 * The lines with those joined that CRI cut into partial ones: the whole line stands in the place of its last piece,
 * and the places of the others are empty, so that every line keeps its number.
 */
export function joinedLines(lines: readonly string[]): string[] {
  return lines.map(lineJoiner());
}

/** Gives for every line of a stream what stands in its place when the pieces that CRI cut are joined. */
export function lineJoiner(): (line: string) => string {
  let held = "";
  return (line) => {
    const part = criPart(line);
    if (part === null || (part.isLast && held === "")) return line;
    const whole = held + part.text;
    const isDone = part.isLast || whole.length > joinedLengthMax;
    held = isDone ? "" : whole;
    return isDone ? whole : "";
  };
}

/** Whether a line is a piece of one that goes on in a line to come. */
export function isContinued(line: string): boolean {
  return criPart(line)?.isLast === false;
}

/** A line with the time at which its transport took it, as CRI writes it; as it is, where it has such a time or there is none. */
export function datedLine(line: string, timeUs: number): string {
  const date = new Date(Math.floor(timeUs / 1000));
  if (timeUs <= 0 || Number.isNaN(date.getTime()) || transportTimeUs(line) !== null) return line;
  const below = `${timeUs % 1000}`.padStart(3, "0");
  return `${date.toISOString().slice(0, -1)}${below}Z stdout F ${line}`;
}
