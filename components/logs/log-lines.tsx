"use client";

import { useTranslations } from "next-intl";
import Link from "next/link";
import type { ReactNode } from "react";

import type { LogItem } from "#lib/contract/logs.ts";
import { requestNamedBy } from "#lib/core/named-request.ts";

import { useFormats } from "../format/use-formats.ts";
import { attributeLines } from "../traces/attributes.ts";
import { Moment } from "../ui/moment.tsx";
import { logTone, shownText } from "./prepare-log.ts";

import styles from "./logs.module.css";

interface LogLinesProps {
  readonly lines: readonly LogItem[];
  readonly nowMs: number;
  /** Whether each line leads to its trace; not where all are of the trace that is shown. */
  readonly traceLinks?: boolean;
  /** Whether a line that names a request leads to its exchange; not on the exchange's own page. */
  readonly exchangeLinks?: boolean;
}

/** Log lines, each with its time, how severe it is, whose it is, and what more it says. */
export function LogLines({ lines, nowMs, traceLinks = true, exchangeLinks = true }: LogLinesProps) {
  return (
    <ol className={styles["lines"]}>
      {lines.map((line) => (
        <Line
          exchangeLinks={exchangeLinks}
          key={line.id}
          line={line}
          nowMs={nowMs}
          traceLinks={traceLinks}
        />
      ))}
    </ol>
  );
}

interface LineProps extends Pick<LogLinesProps, "nowMs"> {
  readonly line: LogItem;
  readonly traceLinks: boolean;
  readonly exchangeLinks: boolean;
}

function Line({ line, nowMs, traceLinks, exchangeLinks }: LineProps) {
  const t = useTranslations("logs");
  return (
    <li data-tone={logTone(line)}>
      <span className={styles["time"]}>
        <Moment nowMs={nowMs} timeMs={Date.parse(line.time)} />
      </span>
      <Severity line={line} />
      <span className={styles["proxy"]} title={line.instance ?? undefined}>
        {line.proxy}
      </span>
      <div className={styles["said"]}>
        <p className={styles["text"]}>{shownText(line.text)}</p>
        {line.textOmitted > 0 ? (
          <p className={styles["aside"]}>{t("cut", { count: line.textOmitted })}</p>
        ) : null}
        {line.reason === null ? null : (
          <p className={styles["reason"]}>
            <strong>{t("notRead")}</strong> {line.reason}
          </p>
        )}
      </div>
      <div className={styles["more"]}>
        <details>
          <summary>{t("details")}</summary>
          <Details line={line} />
        </details>
        {line.traceId === null || !traceLinks ? null : (
          <Link
            href={`/traces/${line.traceId}${line.spanId === null ? "" : `?span=${line.spanId}`}`}
            prefetch={false}
          >
            {t("trace")}
          </Link>
        )}
        {exchangeLinks && line.kind === "record" && requestNamedBy(line.text) !== null ? (
          <Link href={`/logs/${line.id}/exchange`} prefetch={false}>
            {t("exchange")}
          </Link>
        ) : null}
      </div>
    </li>
  );
}

function Severity({ line }: { readonly line: LogItem }) {
  const t = useTranslations("logSeverity");
  const kinds = useTranslations("logKind");
  const word = line.severity === null ? null : t(line.severity);
  return (
    <span className={styles["severity"]} title={line.severityText ?? undefined}>
      {line.kind === "unread" ? kinds("unread") : (word ?? <span aria-hidden="true">–</span>)}
    </span>
  );
}

function Details({ line }: { readonly line: LogItem }) {
  const t = useTranslations("logs");
  const formats = useFormats();
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t("time"), formats.absolute(Date.parse(line.time))],
    [t("received"), formats.absolute(Date.parse(line.receivedAt))],
    [t("instance"), line.instance],
    [t("format"), line.format],
    [t("severity"), line.severityText],
    [t("traceId"), line.traceId],
    [t("spanId"), line.spanId],
    ...attributeLines(line.attributes).map(({ key, value }) => [key, value] as const),
  ];
  return (
    <>
      <dl>
        {facts
          .filter(([, value]) => value !== null)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      {line.attributesOmitted > 0 ? (
        <p className={styles["aside"]}>
          {t("attributesOmitted", { count: line.attributesOmitted })}
        </p>
      ) : null}
    </>
  );
}
