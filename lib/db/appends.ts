import type { ClientBase, Connection, Submittable } from "pg";

import type { CopyRows } from "./copy.ts";

/**
 * Rows for several tables, and statements beside them, sent to Postgres in one piece: one after the other each would
 * cost its way there and back, which for a few rows is most of what they cost.
 */
export class Appends {
  readonly #statements: string[] = [];
  readonly #copies: CopyRows[] = [];

  /** Appends the rows to a table; the columns are those of each row's fields, in order. They must not be used again. */
  copy(table: string, columns: readonly string[], rows: CopyRows): void {
    if (rows.rows === 0) {
      rows.release();
      return;
    }
    const names = columns.map((column) => `"${column}"`).join(", ");
    this.#statements.push(`COPY "${table}" (${names}) FROM STDIN (FORMAT binary)`);
    this.#copies.push(rows);
  }

  /** Runs a statement at its place among them; what rows it gives are not read. */
  statement(text: string): void {
    this.#statements.push(text);
  }

  /** Does all of it in its order, behind other statements; what follows a failure is not done. Once. */
  async send(client: ClientBase, before: readonly string[] = []): Promise<void> {
    const statements = [...before, ...this.#statements];
    if (statements.length === 0) return;
    await new Promise<void>((resolve, reject) => {
      client.query(
        new Message(statements, this.#copies, (error) => (error ? reject(error) : resolve())),
      );
    });
    // Not after a failure: the socket may still hold on to the bytes then.
    for (const rows of this.#copies) rows.release();
  }
}

/** Does at once what is added to the appends. */
export async function append(client: ClientBase, add: (to: Appends) => void): Promise<void> {
  const appends = new Appends();
  add(appends);
  await appends.send(client);
}

/**
 * Statements with the rows of their COPYs right behind them. Postgres reads them when it comes to them, and
 * throws away those that stand behind a statement that failed.
 */
class Message implements Submittable {
  readonly #text: string;
  readonly #copies: readonly CopyRows[];
  readonly #onEnd: (error: Error | null) => void;

  constructor(
    statements: readonly string[],
    copies: readonly CopyRows[],
    onEnd: (error: Error | null) => void,
  ) {
    this.#text = statements.join(";");
    this.#copies = copies;
    this.#onEnd = onEnd;
  }

  submit(connection: Connection): void {
    const { stream } = connection;
    // One packet, as each would wake the server.
    stream.cork();
    connection.query(this.#text);
    for (const rows of this.#copies) stream.write(rows.finish());
    stream.uncork();
  }

  handleCopyInResponse(): void {}

  handleCommandComplete(): void {}

  /** Nobody asked for rows. */
  handleRowDescription(): void {}

  handleDataRow(): void {}

  handleReadyForQuery(): void {
    this.#onEnd(null);
  }

  handleError(error: Error): void {
    this.#onEnd(error);
  }
}
