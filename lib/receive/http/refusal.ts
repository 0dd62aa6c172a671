/** Why a request is not taken: the status to answer with, and a sentence for the one who sent it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  /** Seconds after which the same request may be taken; null when sending it again is of no use. */
  readonly retryAfterSeconds: number | null;
  /** Word for the counters. */
  readonly reason: string;

  constructor(
    status: number,
    reason: string,
    message: string,
    retryAfterSeconds: number | null = null,
  ) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The sender went away before its request was whole: there is nobody to answer. */
export class SenderGone extends Error {
  override readonly name = "SenderGone";
}

/** A refusal for now: short, as OTLP exporters give up when they are told to wait longer than their own timeout. */
export function busy(reason: string, message: string, retryAfterSeconds = 1): Refusal {
  return new Refusal(503, reason, message, Math.max(1, Math.ceil(retryAfterSeconds)));
}
