import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { syslogSource } from "#lib/decode/syslog.ts";
import type { Grant } from "#lib/receive/access.ts";
import type { Intake } from "#lib/receive/intake.ts";
import type { SyslogSink } from "#lib/receive/syslog-sink.ts";
import type { Metrics } from "#lib/telemetry/metrics.ts";

/** Messages that came and are not stored yet. */
const heldBytesMax = 32 * 1024 * 1024;
/** Of one proxy, in one request to the store. */
const batchBytesMax = 1024 * 1024;
/** Messages come one by one, and are stored together after as long. */
const gatherMs = 100;
const groupsMax = 2_000;
const nameLengthMax = 200;

interface Group {
  readonly query: URLSearchParams;
  /** Who sent its messages, as far as access goes. */
  readonly grant: Grant;
  readonly lines: Buffer[];
  bytes: number;
}

export interface SyslogStoreOptions {
  readonly project: number;
  readonly accessLogs: Intake["accessLogs"];
  readonly metrics: Metrics;
  readonly nowMs: () => number;
}

/**
 * Gathers messages by the proxy that sent them and stores them as lines of its access log. Nobody is told of it, so what
 * cannot be stored now is kept and tried again; while too much is kept no more is taken.
 */
export class SyslogStore implements SyslogSink {
  readonly #options: SyslogStoreOptions;
  #groups = new Map<string, Group>();
  #heldBytes = 0;
  #room = Promise.withResolvers<void>();
  #storing: Promise<void> | null = null;
  #isClosing = false;

  constructor(options: SyslogStoreOptions) {
    this.#options = options;
    options.metrics.observe(
      "viascope_syslog_held_bytes",
      "Bytes of messages that came over syslog and are not stored yet.",
      () => this.#heldBytes,
    );
  }

  take(message: Buffer, address: string): boolean {
    const text = oneLine(message);
    const bytes = Buffer.from(`${text}\n`);
    if (this.#heldBytes + bytes.length > heldBytesMax) return false;
    const group = this.#groupOf(text, address);
    if (group === null) return false;
    group.lines.push(bytes);
    group.bytes += bytes.length;
    this.#heldBytes += bytes.length;
    this.#storing ??= this.#storeAll();
    return true;
  }

  room(): Promise<void> {
    return this.#room.promise;
  }

  /** Stores what is held; after a while gives up on what a database that is away does not take. */
  async close(waitMsMax: number): Promise<void> {
    this.#isClosing = true;
    await Promise.race([this.#storing, sleep(waitMsMax, undefined, { ref: false })]);
    if (this.#heldBytes > 0) this.#lose("stopped", this.#heldBytes);
  }

  /** Null when lines of too many proxies are held. */
  #groupOf(text: string, address: string): Group | null {
    const { app, host } = syslogSource(text);
    const proxy = (app ?? host ?? "syslog").slice(0, nameLengthMax);
    const key = `${proxy} ${host ?? ""} ${address}`;
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    if (this.#groups.size >= groupsMax) return null;
    const query = new URLSearchParams({ proxy, format: "auto" });
    if (host !== null) query.set("instance", host.slice(0, nameLengthMax));
    const group = { query, grant: this.#grantOf(address), lines: [], bytes: 0 };
    this.#groups.set(key, group);
    return group;
  }

  /** Syslog knows no token, and so no limits of one. */
  #grantOf(address: string): Grant {
    const { project } = this.#options;
    return {
      project,
      token: null,
      address: address.replace(/^::ffff:/, ""),
      spend: () => undefined,
    };
  }

  async #storeAll(): Promise<void> {
    while (this.#groups.size > 0) {
      if (!this.#isClosing) await sleep(gatherMs);
      const groups = [...this.#groups.values()];
      this.#groups = new Map();
      for (const batch of groups.flatMap(batchesOf)) {
        await this.#store(batch);
        this.#heldBytes -= batch.bytes;
        this.#room.resolve();
        this.#room = Promise.withResolvers();
      }
    }
    this.#storing = null;
  }

  async #store({ query, grant, lines, bytes }: Group): Promise<void> {
    const { accessLogs, nowMs } = this.#options;
    const payload = Buffer.concat(lines, bytes);
    const request = {
      wireBytes: bytes,
      receivedAtMs: nowMs(),
      // Equal messages are different messages; the same try again is the same.
      digest: randomBytes(20).toString("hex"),
      delivered: Promise.resolve(true),
      grant,
    };
    for (;;) {
      const result = await accessLogs(payload, query, request).catch(() => busyNow);
      if (result.kind === "accepted") return;
      if (result.kind === "invalid") return this.#lose("invalid", bytes);
      await sleep(result.retryAfterSeconds * 1_000, undefined, { ref: !this.#isClosing });
    }
  }

  #lose(reason: string, bytes: number): void {
    const help = "Bytes of messages that came over syslog and could not be stored, by reason.";
    this.#options.metrics.counter("viascope_syslog_lost_bytes_total", help, { reason }).add(bytes);
  }
}

const busyNow = { kind: "busy", retryAfterSeconds: 1, message: "" } as const;

/** A message may hold line ends, and some senders end it with one or with NUL. */
function oneLine(message: Buffer): string {
  const text = message.toString("utf8");
  return text
    .replaceAll("\0", "")
    .trimEnd()
    .replaceAll(/[\r\n]+/g, " ");
}

/** The lines of a group in requests of bounded size. */
function batchesOf(group: Group): Group[] {
  if (group.bytes <= batchBytesMax) return [group];
  const batches: Group[] = [];
  for (const line of group.lines) {
    const last = batches.at(-1);
    if (last === undefined || last.bytes + line.length > batchBytesMax) {
      batches.push({ ...group, lines: [line], bytes: line.length });
      continue;
    }
    last.lines.push(line);
    last.bytes += line.length;
  }
  return batches;
}
