/** What came of a run of requests. */
export interface SendingResult {
  readonly requests: number;
  /** Answers other than those of success. */
  readonly refused: number;
  /** Milliseconds from the first byte sent to the answer, of every request; none where there are no answers. */
  readonly latenciesMs: readonly number[];
}

/** Makes bodies that never repeat; each is overwritten by the next. */
export interface Bodies {
  next(nowMs: number): Buffer;
}

export interface Sending {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  /** Calls of one connection at once, where the protocol knows more than one. */
  readonly streams: number;
  readonly untilMs: number;
  /** Bodies of one line of calls. */
  readonly bodies: () => Bodies;
}

/** Keeps so many calls under way until the time is over, each with bodies of its own. */
export async function keepCalling(
  sending: Sending,
  open: () => Promise<Caller>,
): Promise<SendingResult> {
  const latenciesMs: number[] = [];
  let refused = 0;
  const oneLine = async (caller: Caller): Promise<void> => {
    const bodies = sending.bodies();
    for (let nowMs = Date.now(); nowMs < sending.untilMs; nowMs = Date.now()) {
      const body = bodies.next(nowMs);
      const begun = performance.now();
      if (!(await caller.call(body))) refused += 1;
      latenciesMs.push(performance.now() - begun);
    }
  };
  const oneConnection = async (): Promise<void> => {
    const caller = await open();
    await Promise.all(Array.from({ length: sending.streams }, () => oneLine(caller)));
    caller.close();
  };
  await Promise.all(Array.from({ length: sending.connections }, oneConnection));
  return { requests: latenciesMs.length, refused, latenciesMs };
}

/** One connection. */
export interface Caller {
  /** Resolves when the answer is there and the body may be overwritten; tells whether it was accepted. */
  call(body: Buffer): Promise<boolean>;
  close(): void;
}
