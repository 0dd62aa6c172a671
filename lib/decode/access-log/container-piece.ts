import { criPart, dockerRecord } from "./unwrap.ts";

/** A line that a container runtime wrote, which may be a piece of a longer one. */
export interface ContainerPiece {
  /** `stdout` or `stderr`: pieces of one line are of one stream, and those of the other may stand between them. */
  readonly stream: string;
  readonly text: string;
  /** What is around the text, put around another one. */
  readonly around: (text: string) => string;
  /** Whether it goes on in the next line of its stream, unless it is the end of one that went on. */
  readonly goesOn: boolean;
}

/** What of a line container runtimes may have cut; null for a line that none of them wrote. */
export function containerPiece(line: string): ContainerPiece | null {
  const part = criPart(line);
  if (part !== null) {
    const { stream, text, isLast, prefix } = part;
    return { stream, text, around: (whole) => `${prefix}${whole}`, goesOn: !isLast };
  }
  const record = dockerRecord(line);
  if (record === null) return null;
  const { log } = record;
  return {
    stream: typeof record.stream === "string" ? record.stream : "",
    text: log,
    around: (whole) => JSON.stringify({ ...record, log: whole }),
    goesOn: !log.endsWith("\n") && isFull(log),
  };
}

/** Docker cuts where its buffer is full; a shorter line without an end is the last words of a container. */
const dockerPieceBytes = 16_384;

/** Whether docker wrote a line that is too short to go on, which is cheaper to know than what it says. */
export function isShortOfDocker(line: string): boolean {
  return line.startsWith('{"log":"') && line.length * bytesPerUnitMax < dockerPieceBytes;
}

/** What a unit of UTF-16 takes in UTF-8 at most. */
const bytesPerUnitMax = 3;

function isFull(log: string): boolean {
  if (log.length * bytesPerUnitMax < dockerPieceBytes) return false;
  return log.length >= dockerPieceBytes || new TextEncoder().encode(log).length >= dockerPieceBytes;
}
