import { once } from "node:events";
import { finished } from "node:stream/promises";

import { Client } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { z } from "zod";

import { type DetailSpan, spansOfTrace } from "#lib/decode/otlp-detail.ts";

import { serveBatches } from "./serve-batches.ts";

/**
 * Spans in Postgres as most servers in Node would keep them: decoded with a library, a typed row a span with its attributes
 * as jsonb, COPY, one transaction a batch, indexes for traces and for a service's latest: `jsonb-host.ts DATABASE_URL`.
 */
const [, , databaseUrl = ""] = process.argv;
const client = new Client({ connectionString: databaseUrl });
await client.connect();
await client.query(`
  CREATE TABLE span (
    trace_id uuid NOT NULL, span_id bytea NOT NULL, parent_span_id bytea, name text NOT NULL, kind text NOT NULL,
    service text NOT NULL, start_at timestamptz NOT NULL, duration_ns bigint NOT NULL, status text NOT NULL,
    attributes jsonb NOT NULL, resource jsonb NOT NULL);
  CREATE INDEX ON span (trace_id);
  CREATE INDEX ON span (service, start_at DESC)`);
const counted = z
  .array(z.object({ records: z.coerce.number(), bytes: z.coerce.number() }))
  .length(1);

serveBatches({
  async store(bodies) {
    const copy = client.query(copyFrom("COPY span FROM STDIN"));
    for (const body of bodies) {
      const rows = spansOfTrace(body, null).map(rowOf).join("");
      if (!copy.write(rows)) await once(copy, "drain");
    }
    copy.end();
    await finished(copy);
  },
  async holding() {
    const { rows } = await client.query(
      "SELECT count(*) AS records, pg_total_relation_size('span') AS bytes FROM span",
    );
    const [holding] = counted.parse(rows);
    return holding ?? { records: 0, bytes: 0 };
  },
});

/** A line of COPY's text format. */
function rowOf(span: DetailSpan): string {
  const start = BigInt(span.startNs);
  const fields = [
    span.traceId,
    `\\\\x${span.spanId}`,
    span.parentSpanId === null ? "\\N" : `\\\\x${span.parentSpanId}`,
    escaped(span.name),
    span.kind,
    escaped(span.service),
    new Date(Number(start / 1_000_000n)).toISOString(),
    String(BigInt(span.endNs) - start),
    span.status,
    escaped(JSON.stringify(span.attributes)),
    escaped(JSON.stringify(span.resource)),
  ];
  return `${fields.join("\t")}\n`;
}

const escapes = new Map([
  ["\\", "\\\\"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\r", "\\r"],
]);

function escaped(text: string): string {
  return text.replaceAll(/[\\\t\n\r]/g, (found) => escapes.get(found) ?? found);
}
