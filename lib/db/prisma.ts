import { PrismaPg } from "@prisma/adapter-pg";

import { PrismaClient } from "./generated/client.ts";
import type { Database } from "./open.ts";

const clients = new WeakMap<Database, PrismaClient>();

/** The Prisma client of a database, for configuration and state; it uses the same pool and lives as long. */
export function prismaOf(database: Database): PrismaClient {
  const known = clients.get(database);
  if (known !== undefined) return known;
  const client = new PrismaClient({ adapter: new PrismaPg(database.pool) });
  clients.set(database, client);
  return client;
}
