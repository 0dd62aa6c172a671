/** Something that was asked for cannot be done; the message is a sentence for whoever asked. */
export class CommandRefused extends Error {
  override name = "CommandRefused";
  /** The HTTP status that says it. */
  readonly status: 400 | 404 | 409;

  constructor(status: 400 | 404 | 409, message: string) {
    super(message);
    this.status = status;
  }
}
