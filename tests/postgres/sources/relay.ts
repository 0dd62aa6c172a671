import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

import { portOf } from "../../receiver.ts";

/** A port whose connections are passed on to another one until they are cut. */
export interface Relay {
  readonly port: number;
  /** Resets the connections that are open; new ones are passed on. */
  cut(): void;
  stop(): Promise<void>;
}

/** Passes on what comes to a port of its own. */
export async function relayTo(port: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  const cut = () => sockets.forEach((socket) => socket.resetAndDestroy());
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      // A connection that is lost is lost on both sides; nobody else is told.
      from
        .on("error", () => {})
        .once("close", () => {
          sockets.delete(from);
          to.destroy();
        });
      from.pipe(to);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: portOf(server.address()),
    cut,
    async stop() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
