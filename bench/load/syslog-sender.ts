import { once } from "node:events";
import { connect } from "node:net";

import type { Sending, SendingResult } from "./sending.ts";

/** Writes messages over kept connections until the time is over, as fast as they are taken: nobody answers. */
export async function sendOverSyslog(sending: Sending): Promise<SendingResult> {
  let requests = 0;
  const one = async (): Promise<void> => {
    const socket = connect({ port: sending.port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    const bodies = sending.bodies();
    for (let nowMs = Date.now(); nowMs < sending.untilMs; nowMs = Date.now()) {
      const messages = bodies.next(nowMs);
      // The next messages overwrite these.
      await new Promise<void>((resolve, reject) => {
        socket.write(messages, (error) => (error == null ? resolve() : reject(error)));
      });
      requests += 1;
    }
    const closed = once(socket, "close");
    socket.end();
    socket.resume();
    await closed;
  };
  await Promise.all(Array.from({ length: sending.connections }, one));
  return { requests, refused: 0, latenciesMs: [] };
}
