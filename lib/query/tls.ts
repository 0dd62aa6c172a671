import type { TlsFailure } from "#lib/contract/tls.ts";
import { tlsReasons } from "#lib/core/tls-reason.ts";
import type { Database } from "#lib/db/open.ts";

import { readCounted } from "./counted.ts";
import { namesOf } from "./names.ts";
import type { Scope } from "./scope.ts";
import { totalsBy } from "./totals.ts";

/** TLS handshakes that failed in the window, by proxy, side, upstream and reason; most first. */
export async function queryTls(db: Database, scope: Scope): Promise<TlsFailure[]> {
  const { rows } = await readCounted(db, scope, { subjects: ["tls"] });
  const nameOf = await namesOf(
    db,
    scope.project,
    rows.flatMap((row) => [row.proxyId, row.upstreamId]),
  );
  const totals = totalsBy(rows, (row) => `${row.proxyId} ${row.upstreamId} ${row.detail}`);
  const items = [...totals].map(([key, { counts }]): TlsFailure => {
    const [proxyId, upstreamId, detail = ""] = key.split(" ");
    const [side, word] = detail.split(":");
    return {
      proxy: nameOf(Number(proxyId)),
      side: side === "client" ? "client" : "upstream",
      upstream: side === "client" ? null : nameOf(Number(upstreamId)),
      reason: tlsReasons.find((reason) => reason === word) ?? "other",
      count: counts.requests,
    };
  });
  return items.toSorted((a, b) => b.count - a.count);
}
