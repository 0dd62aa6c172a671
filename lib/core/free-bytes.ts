/**
 * Gives back the memory of an array that has a buffer to itself, which is empty then. What waited for a commit is old
 * by then, and old objects are collected so seldom that as much again would stand around.
 */
export function freeBytes(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && bytes.byteLength === buffer.byteLength) buffer.transfer(0);
}
