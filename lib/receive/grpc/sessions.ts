import type { Http2Session } from "node:http2";

export interface SessionLimits {
  /** How long a connection may take until it speaks HTTP/2. */
  readonly prefaceMsMax: number;
  /** Sessions that are kept; of more, those without a call are closed, the longest idle first. */
  readonly keptMax: number;
}

/** The connections of a gRPC listener, so that those that do nothing do not keep others out. */
export class Sessions {
  readonly #limits: SessionLimits;
  /** Calls under way by session; the session that was idle longest stands first among those without. */
  readonly #calls = new Map<Http2Session, number>();

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#calls.size;
  }

  welcome(session: Http2Session): void {
    this.#calls.set(session, 0);
    const timer = setTimeout(() => session.destroy(), this.#limits.prefaceMsMax);
    session.once("remoteSettings", () => clearTimeout(timer));
    session.once("close", () => {
      clearTimeout(timer);
      this.#calls.delete(session);
    });
    if (this.#calls.size > this.#limits.keptMax) this.#closeIdle();
  }

  callBegun(session: Http2Session | undefined): void {
    if (session !== undefined) this.#move(session, 1);
  }

  callEnded(session: Http2Session | undefined): void {
    if (session !== undefined) this.#move(session, -1);
  }

  closeAll(): void {
    for (const session of this.#calls.keys()) session.close();
  }

  destroyAll(): void {
    for (const session of this.#calls.keys()) session.destroy();
  }

  #move(session: Http2Session, by: number): void {
    const calls = this.#calls.get(session);
    if (calls === undefined) return;
    this.#calls.delete(session);
    this.#calls.set(session, calls + by);
  }

  #closeIdle(): void {
    for (const [session, calls] of this.#calls) {
      if (calls > 0) continue;
      session.close();
      // A peer that never spoke HTTP/2 would not hear that it should go.
      if (session.remoteSettings === undefined) session.destroy();
      return;
    }
  }
}
