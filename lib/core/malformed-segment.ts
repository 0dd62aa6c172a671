/** Stored bytes that no version of this program wrote as a part of a segment. */
export class MalformedSegment extends Error {
  override readonly name = "MalformedSegment";
}
