import {
  type ContainerPiece,
  containerPiece,
  isShortOfDocker,
} from "./access-log/container-piece.ts";

/** Longer lines are given as they are, in pieces: nobody's access line comes near it. */
const joinedLengthMax = 1_048_576;
/** A line that goes on is waited for until so many others came after its last piece: its writer is gone. */
const waitLinesMax = 64;

/**
 * The lines with those joined that a container runtime cut: the whole line stands in the place of its last piece, and the
 * places of the others are empty, so that every line keeps its number. Pieces whose end is missing are joined as far as they go.
 */
export function joinedLines(lines: readonly string[]): string[] {
  const joiner = new LineJoiner();
  const joined = lines.map((line) => joiner.next(line));
  for (const { place, text } of joiner.rest()) joined[place] = text;
  return joined;
}

/** What stands in the place of a line, counted from 0. */
export interface JoinedLine {
  readonly place: number;
  readonly text: string;
}

interface Held {
  readonly texts: string[];
  length: number;
  last: ContainerPiece;
  readonly from: number;
  to: number;
}

/** Joins the pieces of one stream of lines as they come. */
export class LineJoiner {
  readonly #held = new Map<string, Held>();
  #lines = 0;

  /** How many lines came so far. */
  get lines(): number {
    return this.#lines;
  }

  /** What stands in the place of the line: the line, a whole one that ends with it, or nothing where it goes on. */
  next(line: string): string {
    this.#lines += 1;
    if (this.#held.size === 0 && isShortOfDocker(line)) return line;
    const piece = containerPiece(line);
    if (piece === null) return line;
    const held = this.#held.get(piece.stream);
    if (held === undefined && !piece.goesOn) return line;
    const grown = this.#hold(piece, held);
    if (piece.goesOn && grown.length <= joinedLengthMax) return "";
    this.#held.delete(piece.stream);
    return textOf(grown);
  }

  /** The lines whose end did not come, as far as they go, in the places of their last pieces. */
  rest(): JoinedLine[] {
    return [...this.#held.values()].map((held) => ({ place: held.to, text: textOf(held) }));
  }

  /** The place of the first piece of a line whose end may still come; null where there is none. */
  waitsFrom(): number | null {
    const waiting = [...this.#held.values()].filter(({ to }) => this.#lines - to <= waitLinesMax);
    return waiting.length === 0 ? null : Math.min(...waiting.map(({ from }) => from));
  }

  #hold(piece: ContainerPiece, held: Held | undefined): Held {
    const place = this.#lines - 1;
    const grown = held ?? { texts: [], length: 0, last: piece, from: place, to: place };
    grown.texts.push(piece.text);
    grown.length += piece.text.length;
    grown.last = piece;
    grown.to = place;
    this.#held.set(piece.stream, grown);
    return grown;
  }
}

function textOf({ texts, last }: Held): string {
  return last.around(texts.join(""));
}

/** How many of the lines can be sent without those whose other pieces are still to come. */
export function wholeLinesOf(lines: readonly string[]): number {
  const joiner = new LineJoiner();
  for (const line of lines) joiner.next(line);
  return joiner.waitsFrom() ?? lines.length;
}

/** Whether the line goes on in another, which `joinedLines` joins with it. */
export function isCut(line: string): boolean {
  return !isShortOfDocker(line) && containerPiece(line)?.goesOn === true;
}

/** Whether a container runtime wrote the line, so that it may be a piece of one. */
export function isOfContainer(line: string): boolean {
  return containerPiece(line) !== null;
}
