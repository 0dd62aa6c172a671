"use client";

import { useTranslations } from "next-intl";
import Link from "next/link";

import type { ExchangeAnswer } from "#lib/contract/exchanges.ts";

import { useFormats } from "../format/use-formats.ts";
import { LogLines } from "../logs/log-lines.tsx";
import { Moment } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
import { Attempts } from "./attempts.tsx";
import { requestText, resultText, resultTone } from "./prepare-exchange.ts";

import styles from "./exchanges.module.css";

interface ExchangePageProps extends ExchangeAnswer {
  readonly nowMs: number;
}

/** One exchange, and the record it was read from. */
export function ExchangePage({ exchange, raw, lines, nowMs }: ExchangePageProps) {
  const t = useTranslations("exchange");
  const formats = useFormats();
  const { main, sub } = requestText(exchange);
  return (
    <>
      <h1>{main}</h1>
      <dl className={styles["record"]}>
        <dt>{t("time")}</dt>
        <dd>
          <Moment nowMs={nowMs} timeMs={Date.parse(exchange.time)} />
        </dd>
        <dt>{t("proxy")}</dt>
        <dd>{exchange.proxy}</dd>
        <dt>{t("request")}</dt>
        <dd>{`${exchange.method ?? ""} ${exchange.path ?? sub ?? ""}`.trim()}</dd>
        <dt>{t("result")}</dt>
        <dd className={styles["result"]} data-tone={resultTone(exchange)}>
          {resultText(exchange) ?? t("noStatus")}
        </dd>
        <dt>{t("latency")}</dt>
        <dd>{formats.duration(exchange.latencyMs)}</dd>
        <dt>{t("cache")}</dt>
        <dd>{exchange.cache ?? "–"}</dd>
        <dt>{t("attempts")}</dt>
        <dd>
          <Attempts attempts={exchange.attempts} />
        </dd>
        {exchange.traceId === null ? null : (
          <>
            <dt>{t("trace")}</dt>
            <dd>
              <Link className="mono" href={`/traces/${exchange.traceId}`}>
                {exchange.traceId}
              </Link>
            </dd>
          </>
        )}
      </dl>
      {lines.length === 0 ? null : (
        <Panel title={t("lines")}>
          <LogLines exchangeLinks={false} lines={lines} nowMs={nowMs} />
        </Panel>
      )}
      <Panel title={t("raw")}>
        <pre className={styles["raw"]}>{raw}</pre>
      </Panel>
    </>
  );
}
