"use client";

import { Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { parseAsString, useQueryState } from "nuqs";
import { useMemo } from "react";

import type { TraceAnswer } from "#lib/contract/trace.ts";

import { Refusal } from "../data/ask.ts";
import { traceQuestion } from "../data/questions.ts";
import { useFormats } from "../format/use-formats.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Failure } from "../ui/failure.tsx";
import { Message } from "../ui/message.tsx";
import { Moment } from "../ui/moment.tsx";
import { Unreadable } from "../ui/unreadable.tsx";
import { waterfallSpans } from "./hop-spans.ts";
import { prepareWaterfall, type Waterfall as Prepared } from "./prepare-waterfall.ts";
import { SpanDetails } from "./span-details.tsx";
import { spanWords } from "./span-words.ts";
import { TraceLogs } from "./trace-logs.tsx";
import { Waterfall } from "./waterfall.tsx";

import styles from "./trace-page.module.css";

/** One trace as a waterfall, with the details of the span that is chosen; the choice stands in the address. */
export function TracePage({
  traceId,
  nowMs,
}: {
  readonly traceId: string;
  readonly nowMs: number;
}) {
  const t = useTranslations("trace");
  const { data, error, isPending } = useQuery(traceQuestion(traceId));
  if (error instanceof Refusal && error.status === 404) return <NoTrace traceId={traceId} />;
  if (error !== null) return <Failure error={error} />;
  if (isPending) {
    return (
      <p className={styles["loading"]} role="status">
        <Loader size="xs" />
        {t("loading")}
      </p>
    );
  }
  return <Loaded nowMs={nowMs} trace={data} />;
}

/** What stands where there is no such trace; null where what was asked for is no trace id. Log lines may name it all the same. */
export function NoTrace({ traceId }: { readonly traceId: string | null }) {
  const t = useTranslations("trace");
  const app = useTranslations("upstream");
  return (
    <Message hint={t("notFoundHint")} title={t("notFound")}>
      {traceId === null ? (
        <Link href="/upstreams">{app("back")}</Link>
      ) : (
        <Link href={`/logs?trace=${traceId}`} prefetch={false}>
          {t("logsOfId")}
        </Link>
      )}
    </Message>
  );
}

function Loaded({ trace, nowMs }: { readonly trace: TraceAnswer; readonly nowMs: number }) {
  const t = useTranslations("trace");
  const waterfall = useMemo(() => prepareWaterfall(waterfallSpans(trace)), [trace]);
  const [spanId, setSpanId] = useQueryState("span", parseAsString);
  const chosen = waterfall.rows.find((row) => row.span.spanId === spanId) ?? null;
  return (
    <>
      <TraceHead nowMs={nowMs} trace={trace} waterfall={waterfall} />
      {trace.omitted > 0 ? (
        <p className={styles["notice"]}>{t("omitted", { count: trace.omitted })}</p>
      ) : null}
      <Unreadable rows={trace.unreadable} />
      {trace.hopsCut ? <p className={styles["notice"]}>{t("hopsCut")}</p> : null}
      {waterfall.orphans > 0 ? (
        <p className={styles["notice"]}>{t("orphans", { count: waterfall.orphans })}</p>
      ) : null}
      <div className={styles["body"]} data-chosen={chosen !== null}>
        <Waterfall choose={(id) => void setSpanId(id)} chosen={spanId} waterfall={waterfall} />
        {chosen === null ? null : <SpanDetails close={() => void setSpanId(null)} row={chosen} />}
      </div>
      <TraceLogs
        nowMs={nowMs}
        startMs={waterfall.startMs}
        totalMs={waterfall.totalMs}
        traceId={trace.traceId}
      />
    </>
  );
}

interface TraceHeadProps {
  readonly trace: TraceAnswer;
  readonly waterfall: Prepared;
  readonly nowMs: number;
}

function TraceHead({ trace, waterfall, nowMs }: TraceHeadProps) {
  const t = useTranslations("trace");
  const empty = useTranslations("empty");
  const formats = useFormats();
  const { traceId, spans, hops } = trace;
  const root = waterfall.rows[0]?.span;
  const words = root === undefined ? null : spanWords(root);
  return (
    <header className={styles["head"]}>
      <h1>{[words?.name ?? t("title"), words?.target].filter(Boolean).join(" ")}</h1>
      <p className={styles["facts"]}>
        <span>
          {t("started")} <Moment nowMs={nowMs} timeMs={waterfall.startMs} />
        </span>
        <span>
          {t("duration")} <strong>{formats.duration(waterfall.totalMs)}</strong>
        </span>
        <span>{t("spans", { count: spans.length })}</span>
        {hops.length > 0 ? <span>{t("hops", { count: hops.length })}</span> : null}
        <span>{t("services", { count: waterfall.services.length })}</span>
        <span className={waterfall.errors > 0 ? styles["errors"] : undefined}>
          {t("errors", { count: waterfall.errors })}
        </span>
        <span className={styles["id"]}>
          <code>{traceId}</code>{" "}
          <CopyButton done={empty("copied")} label={t("copyId")} value={traceId} />
        </span>
      </p>
    </header>
  );
}
