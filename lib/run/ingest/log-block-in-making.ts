import type { LogLine } from "#lib/core/log-line.ts";
import { writtenLine } from "#lib/core/log-payload.ts";
import { traceHashOf } from "#lib/normalize/trace-hash.ts";
import type { LogRows } from "#lib/store/log-rows.ts";
import type { NameKind } from "#lib/store/names.ts";

import { compressedBlock, startDays } from "./block-in-making.ts";
import type { Prepared } from "./prepared.ts";

/** A block is read whole for one of its lines, so it stays small. */
const blockLengthMax = 4_194_304;
const blockLinesMax = 20_000;

/** The log lines of requests, in blocks of one project each. */
export function logBlocksOf(
  requests: readonly Prepared[],
  nextId: () => number,
  receivedMs: number,
): LogBlockInMaking[] {
  const groups = Map.groupBy(requests, ({ project }) => project);
  return [...groups].flatMap(([project, members]) => {
    return cut(members.flatMap(({ logLines }) => logLines)).map(
      (lines) => new LogBlockInMaking(project, nextId(), receivedMs, lines),
    );
  });
}

/** The dictionary number of a name; 0 for null. */
export type NameLookup = (kind: NameKind, name: string | null) => number;

interface WrittenLine {
  readonly line: LogLine;
  readonly written: string;
}

function cut(lines: readonly LogLine[]): WrittenLine[][] {
  const blocks: WrittenLine[][] = [];
  let length = 0;
  for (const line of lines) {
    const written = writtenLine(line);
    length += written.length;
    const last = blocks.at(-1);
    if (last !== undefined && length <= blockLengthMax && last.length < blockLinesMax) {
      last.push({ line, written });
    } else {
      blocks.push([{ line, written }]);
      length = written.length;
    }
  }
  return blocks;
}

/** One block of log lines and its narrow rows, on their way into the database. */
export class LogBlockInMaking {
  readonly project: number;
  readonly id: number;
  readonly #receivedMs: number;
  readonly #lines: readonly LogLine[];
  readonly #payload: Buffer;

  constructor(project: number, id: number, receivedMs: number, lines: readonly WrittenLine[]) {
    this.project = project;
    this.id = id;
    this.#receivedMs = receivedMs;
    this.#lines = lines.map(({ line }) => line);
    this.#payload = Buffer.from(lines.map(({ written }) => written).join(""));
  }

  compressed(): Promise<Uint8Array> {
    return compressedBlock(this.#payload);
  }

  wantedNames(): Partial<Record<NameKind, ReadonlySet<string>>> {
    return {
      proxy: new Set(this.#lines.map(({ proxy }) => proxy)),
      instance: new Set(this.#lines.flatMap(({ instance }) => instance ?? [])),
    };
  }

  /** Midnights, in epoch milliseconds, of the days of the lines. */
  days(): number[] {
    return startDays(this.#lines.map(({ atUs }) => atUs));
  }

  write(rows: LogRows, idOf: NameLookup, payload: Uint8Array): void {
    rows.addBlock({
      id: this.id,
      project: this.project,
      receivedMs: this.#receivedMs,
      records: this.#lines.length,
      rawBytes: this.#payload.byteLength,
      payload,
    });
    for (const [position, line] of this.#lines.entries()) {
      const place = { project: this.project, blockId: this.id, position };
      rows.addLine(place, {
        atUs: line.atUs,
        traceHash: line.traceId === null ? null : traceHashOf(line.traceId),
        proxyId: idOf("proxy", line.proxy),
        instanceId: idOf("instance", line.instance),
        severity: line.severity,
        kind: line.kind,
      });
    }
  }
}
