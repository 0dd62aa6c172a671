"use client";

import { useTranslations } from "next-intl";
import Link from "next/link";

import type { ExchangeItem } from "#lib/contract/exchanges.ts";

import { useFormats } from "../format/use-formats.ts";
import { Moment } from "../ui/moment.tsx";
import { Attempts } from "./attempts.tsx";
import { requestText, resultText, resultTone } from "./prepare-exchange.ts";

import table from "../ui/table.module.css";
import styles from "./exchanges.module.css";

const columns = ["time", "request", "result", "latency", "attempts", "details"] as const;
const numbers: ReadonlySet<string> = new Set(["latency"]);

/** Exchanges with what became of them, attempt by attempt, and the way to their trace or record. */
export function ExchangesTable({
  exchanges,
  nowMs,
}: {
  readonly exchanges: readonly ExchangeItem[];
  readonly nowMs: number;
}) {
  const t = useTranslations("exchange");
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          {columns.map((name) => (
            <th className={numbers.has(name) ? table["number"] : undefined} key={name} scope="col">
              {t(name)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {exchanges.map((exchange) => (
          <ExchangeRow exchange={exchange} key={exchange.id} nowMs={nowMs} />
        ))}
      </tbody>
    </table>
  );
}

function ExchangeRow({
  exchange,
  nowMs,
}: {
  readonly exchange: ExchangeItem;
  readonly nowMs: number;
}) {
  const t = useTranslations("exchange");
  const formats = useFormats();
  const { main, sub } = requestText(exchange);
  return (
    <tr>
      <td className={styles["time"]} data-label={t("time")}>
        <Moment nowMs={nowMs} timeMs={Date.parse(exchange.time)} />
      </td>
      <th className={styles["request"]} scope="row">
        <span className={styles["main"]} title={exchange.path ?? undefined}>
          {main}
        </span>
        <span className={table["sub"]}>{sub}</span>
      </th>
      <td data-label={t("result")}>
        <span className={styles["result"]} data-tone={resultTone(exchange)}>
          {resultText(exchange) ?? t("noStatus")}
        </span>
      </td>
      <td className={table["number"]} data-label={t("latency")}>
        {formats.duration(exchange.latencyMs)}
      </td>
      <td data-label={t("attempts")}>
        <Attempts attempts={exchange.attempts} />
      </td>
      <td data-label={t("details")}>
        <span className={styles["links"]}>
          {exchange.traceId === null ? null : (
            <Link
              aria-label={t("openTrace", { request: main })}
              href={`/traces/${exchange.traceId}`}
              prefetch={false}
            >
              {t("trace")}
            </Link>
          )}
          <Link
            aria-label={t("openRecord", { request: main })}
            href={`/exchanges/${encodeURIComponent(exchange.id)}`}
            prefetch={false}
          >
            {t("record")}
          </Link>
        </span>
      </td>
    </tr>
  );
}
