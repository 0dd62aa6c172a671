/** What is smaller is on V8's own heap or soon there: giving it back costs more than it brings. */
const bytesMin = 1024;

/**
 * Gives back the memory of an array that has a buffer to itself, which is empty then. What waited for a commit is old
 * by then, and old objects are collected so seldom that as much again would stand around.
 */
export function freeBytes(bytes: ArrayBufferView): void {
  if (bytes.byteLength < bytesMin) return;
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && bytes.byteLength === buffer.byteLength) buffer.transfer(0);
}
