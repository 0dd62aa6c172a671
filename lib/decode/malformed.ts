/** A payload that cannot be read at all; the message is a sentence for the one who sent it. */
export class MalformedPayload extends Error {
  override readonly name = "MalformedPayload";
}
