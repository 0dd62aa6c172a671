import { Query, type ClientBase, type QueryArrayConfig } from "pg";

import type { Database } from "./open.ts";
import { onClient } from "./transaction.ts";

/**
 * Hands over the rows of a query one by one as they come, so that they are not held together; gives how many they were.
 * What the query or `onRow` throws first is thrown when the query has ended, and no row is handed over after it.
 */
export function eachRow(
  client: ClientBase,
  query: QueryArrayConfig,
  onRow: (fields: string[]) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let rows = 0;
    let failure: unknown;
    const running = new Query<string[]>(query);
    running.on("row", (fields) => {
      if (failure !== undefined) return;
      try {
        onRow(fields);
        rows += 1;
      } catch (error) {
        failure = error;
      }
    });
    running.on("error", reject);
    running.on("end", () => (failure === undefined ? resolve(rows) : reject(failure)));
    client.query(running);
  });
}

/** The same over a connection of its own. */
export function eachRowOf(
  db: Database,
  query: QueryArrayConfig,
  onRow: (fields: string[]) => void,
): Promise<number> {
  return onClient(db, (client) => eachRow(client, query, onRow));
}
