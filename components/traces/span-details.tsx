"use client";

import { ActionIcon } from "@mantine/core";
import { useTranslations } from "next-intl";
import Link from "next/link";
import type { ReactNode } from "react";

import type { TraceSpan } from "#lib/contract/trace.ts";

import { Attempts } from "../exchanges/attempts.tsx";
import { useFormats } from "../format/use-formats.ts";
import { attributeLines } from "./attributes.ts";
import type { WaterfallSpan } from "./hop-spans.ts";
import type { WaterfallRow } from "./prepare-waterfall.ts";
import { spanWords } from "./span-words.ts";

import styles from "./span-details.module.css";

interface SpanDetailsProps {
  readonly row: WaterfallRow;
  readonly close: () => void;
}

/** Everything a span says, what explains a failure first. */
export function SpanDetails({ row, close }: SpanDetailsProps) {
  const t = useTranslations("trace");
  const { span } = row;
  const words = spanWords(span);
  return (
    <aside aria-label={t("details")} className={styles["details"]}>
      <header>
        <h2>{[words.name, words.target].filter((word) => word !== null).join(" ")}</h2>
        <ActionIcon aria-label={t("close")} color="gray" onClick={close} size={24} variant="subtle">
          <svg aria-hidden="true" height="12" viewBox="0 0 12 12" width="12">
            <path d="M1.5 1.5l9 9m0-9l-9 9" stroke="currentColor" strokeWidth="1.5" />
          </svg>
        </ActionIcon>
      </header>
      {row.error ? (
        <p className={styles["error"]}>
          <strong>{t("error")}</strong> {span.statusMessage}
        </p>
      ) : null}
      <LogRecord span={span} />
      <Facts row={row} />
      {span.attempts.length === 0 ? null : (
        <Part title={t("toldAttempts")}>
          <Attempts attempts={span.attempts} />
        </Part>
      )}
      <Part title={t("attributes")}>
        <Attributes attributes={span.attributes} />
      </Part>
      <Events row={row} />
      <Links span={span} />
      {span.logged ? null : (
        <Part title={t("resource")}>
          <Attributes attributes={span.resource} />
        </Part>
      )}
    </aside>
  );
}

/** Where the record of an access log is that tells of it, alone or beside the span. */
function LogRecord({ span }: { readonly span: WaterfallSpan }) {
  const t = useTranslations("trace");
  if (span.exchangeId === null) return null;
  return (
    <p className={styles["record"]}>
      {span.logged ? t("fromLog") : t("alsoInLog")}{" "}
      <Link href={`/exchanges/${span.exchangeId}`} prefetch={false}>
        {t("openExchange")}
      </Link>
    </p>
  );
}

function Facts({ row }: Pick<SpanDetailsProps, "row">) {
  const t = useTranslations("trace");
  const formats = useFormats();
  const { span } = row;
  const facts = [
    [t("service"), span.service],
    [t("kind"), span.kind],
    [t("duration"), formats.duration(row.durationMs)],
    [t("offset"), formats.duration(row.offsetMs)],
    [t("scope"), span.scope],
    [t("spanId"), span.logged ? "" : span.spanId],
  ] as const;
  return (
    <dl className={styles["facts"]}>
      {facts
        .filter(([, value]) => value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={styles["part"]}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Attributes({ attributes }: { readonly attributes: TraceSpan["attributes"] }) {
  const t = useTranslations("trace");
  const lines = attributeLines(attributes);
  if (lines.length === 0) return <p className={styles["none"]}>{t("noAttributes")}</p>;
  return (
    <dl className={styles["attributes"]}>
      {lines.map(({ key, value }) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Events({ row }: Pick<SpanDetailsProps, "row">) {
  const t = useTranslations("trace");
  const formats = useFormats();
  const { span } = row;
  if (span.events.length === 0) return null;
  const startNs = BigInt(span.startNs);
  return (
    <Part title={t("events")}>
      <ol className={styles["events"]}>
        {span.events.map((event) => (
          <li key={`${event.timeNs} ${event.name}`}>
            <p>
              <strong>{event.name}</strong> +
              {formats.duration(Number(BigInt(event.timeNs) - startNs) / 1e6)}
            </p>
            <Attributes attributes={event.attributes} />
          </li>
        ))}
      </ol>
    </Part>
  );
}

function Links({ span }: { readonly span: WaterfallSpan }) {
  const t = useTranslations("trace");
  if (span.links.length === 0) return null;
  return (
    <Part title={t("links")}>
      <ul className={styles["events"]}>
        {span.links.map((link) => (
          <li key={`${link.traceId} ${link.spanId}`}>
            <Link
              className="mono"
              href={`/traces/${link.traceId}?span=${link.spanId}`}
              prefetch={false}
            >
              {link.traceId}
            </Link>
          </li>
        ))}
      </ul>
    </Part>
  );
}
