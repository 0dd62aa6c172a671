import { ByteWriter } from "./byte-writer.ts";
import { Random, Sampled } from "./random.ts";

export type LineFormat = "text" | "json";

/**
 * nginx lines with upstream fields, as text or as JSON, no two alike: 40 of 100 answered from the cache, 3 by the second
 * upstream that was asked, some 404 and 502. The requests end about now.
 */
export class AccessLines {
  readonly #random: Random;
  readonly #format: LineFormat;
  #pieces: Pieces;
  #secondSince = 0;

  constructor(format: LineFormat, random: Random) {
    this.#format = format;
    this.#random = random;
    this.#pieces = piecesOf(format, 0);
  }

  /** Appends one line without its end. */
  write(to: ByteWriter, nowMs: number): void {
    this.#followClock(nowMs);
    const random = this.#random;
    const pieces = this.#pieces;
    to.piece(pieces.begin);
    this.#writeClient(to);
    to.piece(pieces.path);
    this.#writePath(to);
    to.piece(pieces.status);
    this.#writeAnswer(to, answerMs.next(random), random.unit());
    to.piece(pieces.end);
  }

  /** The time of a line is in pieces that are made once for as long as it stays the same. */
  #followClock(nowMs: number): void {
    const since = this.#format === "json" ? nowMs : nowMs - (nowMs % 1000);
    if (since === this.#secondSince) return;
    this.#secondSince = since;
    this.#pieces = piecesOf(this.#format, since);
  }

  #writeClient(to: ByteWriter): void {
    const octets = this.#random.uint32();
    to.piece(octetPieces[octets & 0xff] ?? nothing);
    to.piece(octetPieces[(octets >>> 8) & 0xff] ?? nothing);
    to.number((octets >>> 16) & 0xff);
  }

  #writePath(to: ByteWriter): void {
    const random = this.#random;
    const asked = popularity.next(random);
    to.number(asked % 100);
    to.piece(modulePiece);
    to.number(asked);
    to.piece(versionPiece);
    to.number(random.below(40));
    to.byte(point);
    to.number(random.below(9));
    to.piece(filePieces[random.below(3)] ?? nothing);
  }

  #writeAnswer(to: ByteWriter, ms: number, roll: number): void {
    if (roll < 0.4) this.#writeHit(to, ms);
    else if (roll < 0.43) this.#writeSecondTry(to, ms);
    else this.#writeMiss(to, ms, roll < 0.95 ? 200 : roll < 0.98 ? 404 : 502);
  }

  #writeBefore(to: ByteWriter, status: number, ms: number): void {
    const pieces = this.#pieces;
    to.number(status);
    to.piece(pieces.bytes);
    to.number(Math.floor(this.#random.unit() * 200_000));
    to.piece(pieces.seconds);
    to.seconds(ms);
    to.piece(pieces.upstreams);
  }

  #writeHit(to: ByteWriter, ms: number): void {
    const pieces = this.#pieces;
    this.#writeBefore(to, 200, ms);
    to.byte(dash);
    to.piece(pieces.statuses);
    to.byte(dash);
    to.piece(pieces.times);
    to.byte(dash);
    to.piece(pieces.cache);
    to.piece(hitPiece);
  }

  #writeMiss(to: ByteWriter, ms: number, status: number): void {
    const pieces = this.#pieces;
    this.#writeBefore(to, status, ms);
    this.#writeUpstream(to);
    to.piece(pieces.statuses);
    to.number(status);
    to.piece(pieces.times);
    to.seconds(ms);
    to.piece(pieces.cache);
    to.piece(missPiece);
  }

  #writeSecondTry(to: ByteWriter, ms: number): void {
    const pieces = this.#pieces;
    const firstMs = Math.round(ms / 3);
    this.#writeBefore(to, 200, ms);
    this.#writeUpstream(to);
    to.piece(nextPiece);
    this.#writeUpstream(to);
    to.piece(pieces.statuses);
    to.piece(secondTryPiece);
    to.piece(pieces.times);
    to.seconds(firstMs);
    to.piece(nextPiece);
    to.seconds(ms - firstMs);
    to.piece(pieces.cache);
    to.piece(missPiece);
  }

  #writeUpstream(to: ByteWriter): void {
    to.piece(upstreamPieces[this.#random.below(50)] ?? nothing);
  }
}

/** Bodies of so many lines each. */
export class LineBodies {
  readonly #lines: AccessLines;
  readonly #count: number;
  readonly #to: ByteWriter;

  constructor(format: LineFormat, count: number, random: Random) {
    this.#lines = new AccessLines(format, random);
    this.#count = count;
    this.#to = new ByteWriter(count * lineBytesMax);
  }

  /** A fresh body, which is overwritten by a later call. */
  next(nowMs: number): Buffer {
    const to = this.#to;
    to.at = 0;
    for (let line = 0; line < this.#count; line += 1) {
      this.#lines.write(to, nowMs);
      to.byte(newline);
    }
    return to.written;
  }
}

/** No line is longer. */
export const lineBytesMax = 640;
export const newline = 10;

const point = 46;
const dash = 45;
const nothing = new Uint8Array(0);
const encoder = new TextEncoder();
const octetPieces = Array.from({ length: 256 }, (_, octet) => encoder.encode(`${octet}.`));
const modulePiece = encoder.encode("/module-");
const versionPiece = encoder.encode("/@v/v1.");
const filePieces = [".info", ".mod", ".zip"].map((file) => encoder.encode(file));
const upstreamPieces = Array.from({ length: 50 }, (_, at) =>
  encoder.encode(`10.0.${Math.floor(at / 10)}.${at % 10}:8080`),
);
const nextPiece = encoder.encode(", ");
const secondTryPiece = encoder.encode("503, 200");
const hitPiece = encoder.encode("HIT");
const missPiece = encoder.encode("MISS");

const seed = new Random(1);
const popularity = new Sampled(() => Math.floor(20_000 ** seed.unit()));
const answerMs = new Sampled(() => seed.latency(18, 1.1));

/** What stands before each field, and behind the last. */
type Pieces = Readonly<Record<keyof (typeof fieldTexts)["text"], Uint8Array>>;

const fieldTexts = {
  text: {
    begin: "10.",
    path: ' - - [TIME] "GET /github.com/o',
    status: ' HTTP/1.1" ',
    bytes: " ",
    seconds: ' "-" "Go-http-client/1.1" rt=',
    upstreams: ' ua="',
    statuses: '" us="',
    times: '" urt="',
    cache: '" cs=',
    end: "",
  },
  json: {
    begin: '{"time":"TIME","remote_addr":"10.',
    path: '","request_method":"GET","request_uri":"/github.com/o',
    status: '","server_protocol":"HTTP/1.1","status":"',
    bytes: '","body_bytes_sent":"',
    seconds: '","request_time":"',
    upstreams: '","upstream_addr":"',
    statuses: '","upstream_status":"',
    times: '","upstream_response_time":"',
    cache: '","upstream_cache_status":"',
    end: '","http_user_agent":"Go-http-client/1.1"}',
  },
} as const;

function piecesOf(format: LineFormat, timeMs: number): Pieces {
  const time = format === "json" ? new Date(timeMs).toISOString() : commonTime(new Date(timeMs));
  const piece = (name: keyof Pieces): Uint8Array =>
    encoder.encode(fieldTexts[format][name].replace("TIME", time));
  return {
    begin: piece("begin"),
    path: piece("path"),
    status: piece("status"),
    bytes: piece("bytes"),
    seconds: piece("seconds"),
    upstreams: piece("upstreams"),
    statuses: piece("statuses"),
    times: piece("times"),
    cache: piece("cache"),
    end: piece("end"),
  };
}

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** The time as nginx's $time_local writes it, in UTC. */
function commonTime(date: Date): string {
  const [, day, clock] = /-(\d\d)T(\d\d:\d\d:\d\d)/.exec(date.toISOString()) ?? [];
  return `${day}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}:${clock} +0000`;
}
