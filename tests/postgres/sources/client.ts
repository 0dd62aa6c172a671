import { request } from "node:http";
import { connect } from "node:tls";

/** A request as its client saw it. */
export interface Asked {
  readonly path: string;
  /** Null when the connection ended without an answer. */
  readonly status: number | null;
  readonly ms: number;
}

/** Asks once, on a connection of its own. */
export function ask(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<Asked> {
  const startMs = performance.now();
  return new Promise((resolve) => {
    const told = (status: number | null): void =>
      resolve({ path, status, ms: performance.now() - startMs });
    request({ host: "127.0.0.1", port, path, headers, agent: false })
      .on("error", () => told(null))
      .on("response", (response) => {
        response.on("end", () => told(response.statusCode ?? null)).on("error", () => told(null));
        response.resume();
      })
      .end();
  });
}

/** Asks for one path after the other. */
export async function askEach(port: number, paths: readonly string[]): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const path of paths) asked.push(await ask(port, path));
  return asked;
}

/** A handshake that fails: the client knows no cipher for the kind of key that the server has. */
export function failHandshake(port: number): Promise<void> {
  return new Promise((resolve) => {
    const only = { maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES256-GCM-SHA384" } as const;
    const socket = connect({ host: "127.0.0.1", port, servername: "proxy.test", ...only });
    socket.on("error", () => {}).on("close", () => resolve());
  });
}
