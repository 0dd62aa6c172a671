"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";

import type { ExchangeItem } from "#lib/contract/exchanges.ts";

import { useFormats } from "../format/use-formats.ts";
import { Moment } from "../ui/moment.tsx";
import table from "../ui/table.module.css";
import { Attempts } from "./attempts.tsx";
import styles from "./exchanges.module.css";
import { requestText, resultText, resultTone } from "./prepare-exchange.ts";

const columns = ["time", "request", "result", "latency", "attempts", "details"] as const;
const numbers: ReadonlySet<string> = new Set(["latency"]);

/** Exchanges with what became of them, attempt by attempt, and the way to their trace or record. */
export function ExchangesTable({ exchanges, nowMs }: { readonly exchanges: readonly ExchangeItem[]; readonly nowMs: number }) {
  const t = useTranslations("exchange");
  return (
    <table className={`${table["table"]} ${table["cards"]}`} role="table">
      <thead>
        <tr role="row">
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

function ExchangeRow({ exchange, nowMs }: { readonly exchange: ExchangeItem; readonly nowMs: number }) {
  const t = useTranslations("exchange");
  const formats = useFormats();
  const { main, sub } = requestText(exchange);
  return (
    <tr role="row">
      <td className={styles["time"]} data-label={t("time")} role="cell">
        <Moment nowMs={nowMs} timeMs={Date.parse(exchange.time)} />
      </td>
      <th className={styles["request"]} role="rowheader" scope="row">
        <span className={styles["main"]} title={exchange.path ?? undefined}>
          {main}
        </span>
        <span className={table["sub"]}>{sub}</span>
      </th>
      <td data-label={t("result")} role="cell">
        <span className={styles["result"]} data-tone={resultTone(exchange)}>
          {resultText(exchange) ?? t("noStatus")}
        </span>
      </td>
      <td className={table["number"]} data-label={t("latency")} role="cell">
        {formats.duration(exchange.latencyMs)}
      </td>
      <td data-label={t("attempts")} role="cell">
        <Attempts attempts={exchange.attempts} />
      </td>
      <td data-label={t("details")} role="cell">
        {exchange.traceId === null ? (
          <Link aria-label={t("openRecord", { request: main })} href={`/exchanges/${encodeURIComponent(exchange.id)}`} prefetch={false}>
            {t("record")}
          </Link>
        ) : (
          <Link aria-label={t("openTrace", { request: main })} href={`/traces/${exchange.traceId}`} prefetch={false}>
            {t("trace")}
          </Link>
        )}
      </td>
    </tr>
  );
}
