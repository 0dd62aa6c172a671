import { once } from "node:events";
import type { Server } from "node:net";

import { StartProblem } from "#lib/config/start-problem.ts";

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** The variable that chooses the port. */
  readonly variable: string;
}

/** Binds a server and gives its real port, or throws a StartProblem that names the variable to change. */
export async function listen(server: Server, address: ListenAddress): Promise<number> {
  server.listen(address.port, address.host);
  await once(server, "listening").catch((error: unknown) => {
    throw listenProblemOf(error, address);
  });
  const bound = server.address();
  return bound === null || typeof bound === "string" ? address.port : bound.port;
}

/** Turns what listening failed with into a sentence; other errors come back unchanged. */
export function listenProblemOf(error: unknown, { host, port, variable }: ListenAddress): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const sentence = sentences[String(error.code)];
  return sentence === undefined
    ? error
    : new StartProblem(sentence(`${host}:${port}`, variable), { cause: error });
}

const sentences: Record<string, (place: string, variable: string) => string> = {
  EADDRINUSE: (place, variable) =>
    `${place} is taken by another program: stop that one, or set ${variable} to another port.`,
  EACCES: (place, variable) =>
    `${place} may not be opened by this account: set ${variable} to a port from 1024 up.`,
  EADDRNOTAVAIL: (place) =>
    `${place} is no address of this machine: set VIASCOPE_HOST to one, such as 127.0.0.1 or 0.0.0.0.`,
  ENOTSUP: (place) =>
    `${place} cannot be shared by several processes on this system: set VIASCOPE_INGEST_PROCESSES to 1.`,
  ENOTFOUND: (place) =>
    `${place} is no address that is known here: set VIASCOPE_HOST to one, such as 127.0.0.1.`,
};
