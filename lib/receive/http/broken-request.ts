import type { Duplex } from "node:stream";

interface Answer {
  /** Word for the counters. */
  readonly outcome: string;
  /** The first line of the answer; null when nobody is there to read it. */
  readonly status: string | null;
}

const notHttp: Answer = { outcome: "not_http", status: "400 Bad Request" };
const answers: ReadonlyMap<string, Answer> = new Map([
  ["ERR_HTTP_REQUEST_TIMEOUT", { outcome: "timeout", status: "408 Request Timeout" }],
  [
    "HPE_HEADER_OVERFLOW",
    { outcome: "headers_too_large", status: "431 Request Header Fields Too Large" },
  ],
  [
    "HPE_CHUNK_EXTENSIONS_OVERFLOW",
    { outcome: "headers_too_large", status: "413 Content Too Large" },
  ],
  ["ECONNRESET", { outcome: "reset", status: null }],
  ["EPIPE", { outcome: "reset", status: null }],
]);

/** Answers a request that Node could not read to its end, closes its connection, and gives the word to count it by. */
export function answerBroken(error: Error, socket: Duplex): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const { outcome, status } = answers.get(code) ?? notHttp;
  if (status === null || !socket.writable) socket.destroy();
  else {
    // The answer may find nobody who reads it: what is not taken at once is thrown away.
    socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    socket.destroy();
  }
  return outcome;
}
