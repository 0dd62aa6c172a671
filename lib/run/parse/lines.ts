const newline = 0x0a;
/** Of one line, in bytes; what is beyond it is not kept. Above what the decoders take in characters. */
const keptBytesMax = 262_144;

/**
 * The lines of a stream without their ends, however the stream is cut into chunks; a last line without an end is one too.
 * A line that is longer than any that is read comes cut.
 */
export async function* linesIn(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let kept = 0;
  const keep = (part: Buffer) => {
    const room = part.subarray(0, keptBytesMax - kept);
    if (room.length === 0) return;
    parts.push(room);
    kept += room.length;
  };
  const line = () => {
    const text = Buffer.concat(parts).toString("utf8");
    parts = [];
    kept = 0;
    return text.endsWith("\r") ? text.slice(0, -1) : text;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, start)) {
      keep(chunk.subarray(start, at));
      yield line();
      start = at + 1;
    }
    // A copy: what is left of a chunk must not keep the whole chunk in memory.
    keep(Buffer.from(chunk.subarray(start)));
  }
  if (kept > 0) yield line();
}
