import { once } from "node:events";
import { connect, createServer } from "node:net";

/** A way to a Postgres that can lose the answer to a COMMIT: the server does it, and the one who asked never hears. */
export interface LossyWire {
  readonly url: string;
  /** How many answers it lost. */
  lost(): number;
  /** Every so many commits the answer is lost; 0 for never. */
  loseEvery(commits: number): void;
  close(): Promise<void>;
}

const commit = Buffer.from("COMMIT\0");

export async function lossyWire(databaseUrl: string): Promise<LossyWire> {
  let every = 0;
  let commits = 0;
  let lost = 0;
  const { pathname, searchParams } = new URL(databaseUrl);
  const server = createServer((client) => {
    const postgres = connect(`${searchParams.get("host")}/.s.PGSQL.5432`);
    let losing = false;
    client.on("data", (chunk) => {
      if (chunk.includes(commit)) losing = every > 0 && ++commits % every === 0;
      postgres.write(chunk);
    });
    postgres.on("data", (chunk) => {
      if (!losing) return client.write(chunk);
      lost += 1;
      return client.destroy();
    });
    for (const [one, other] of [
      [client, postgres],
      [postgres, client],
    ] as const) {
      one.on("error", () => undefined);
      one.on("close", () => other.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `postgresql://viascope@127.0.0.1:${address.port}${pathname}`,
    lost: () => lost,
    loseEvery: (next) => void (every = next),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
