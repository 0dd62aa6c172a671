import { type BlockMember, packMembers } from "#lib/core/block-members.ts";
import { logKindCodes } from "#lib/core/codes.ts";
import type { Bits64 } from "#lib/core/exchange.ts";
import type { LogKind } from "#lib/core/log-line.ts";
import type { Appends } from "#lib/db/appends.ts";
import { CopyRows } from "#lib/db/copy.ts";

import type { Place } from "./batch-rows.ts";

/** A block of log lines as it is written: the payload is already compressed. */
export interface LogBlockRow {
  readonly id: number;
  readonly project: number;
  readonly receivedMs: number;
  readonly records: number;
  readonly rawBytes: number;
  readonly payload: Uint8Array;
  /** Of a block that was merged from several, in their order. */
  readonly members?: readonly BlockMember[];
  /** When each of them came (lib/core/block-times.ts). */
  readonly receivedOffsets?: Uint8Array;
}

/** What is searched of a log line without reading its text. */
export interface LogRow {
  readonly atUs: number;
  readonly traceHash: Bits64 | null;
  readonly proxyId: number;
  readonly instanceId: number;
  readonly severity: number;
  readonly kind: LogKind;
}

/** The log lines of one batch, ready to be appended in one transaction. */
export class LogRows {
  readonly #blocks = new CopyRows();
  readonly #lines = new CopyRows();

  addBlock(block: LogBlockRow): void {
    const rows = this.#blocks;
    const { members = [], receivedOffsets } = block;
    const last = members.at(-1);
    rows.row(9);
    rows.timestamp(block.receivedMs * 1000);
    rows.int8(block.id);
    rows.int4(block.records);
    rows.int4(block.rawBytes);
    rows.int2(block.project);
    rows.bytes(block.payload);
    if (last === undefined || receivedOffsets === undefined) {
      for (let column = 0; column < 3; column += 1) rows.null();
      return;
    }
    rows.int8(last.id);
    rows.bytes(packMembers(members));
    rows.bytes(receivedOffsets);
  }

  addLine(place: Place, line: LogRow): void {
    const rows = this.#lines;
    rows.row(9);
    rows.timestamp(line.atUs);
    rows.bits64(line.traceHash?.high ?? 0, line.traceHash?.low ?? 0);
    rows.int8(place.blockId);
    rows.int4(place.position);
    rows.int4(line.proxyId);
    rows.int4(line.instanceId);
    rows.int2(place.project);
    rows.int2(line.severity);
    rows.int2(logKindCodes.codeOf(line.kind));
  }

  /** All of it, once. */
  addTo(appends: Appends): void {
    appends.copy("log_block", blockColumns, this.#blocks);
    appends.copy("log_line", lineColumns, this.#lines);
  }
}

const blockColumns = [
  "received_at",
  "id",
  "records",
  "raw_bytes",
  "project_id",
  "payload",
  "last_id",
  "members",
  "received_offsets",
];
const lineColumns = [
  "logged_at",
  "trace_hash",
  "block_id",
  "position",
  "proxy_id",
  "instance_id",
  "project_id",
  "severity",
  "kind",
];
