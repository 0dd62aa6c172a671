"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";

import { LogLines } from "../logs/log-lines.tsx";
import { traceLogsQuestion, windowOfTrace } from "../logs/log-questions.ts";
import { Panel } from "../ui/panel.tsx";
import { searchOf } from "../window/window-state.ts";

interface TraceLogsProps {
  readonly traceId: string;
  readonly startMs: number;
  readonly totalMs: number;
  readonly nowMs: number;
}

/** The log lines that carry the trace's id; nothing where there are none. */
export function TraceLogs({ traceId, startMs, totalMs, nowMs }: TraceLogsProps) {
  const t = useTranslations("logs");
  const window = windowOfTrace(startMs, totalMs);
  const { data } = useQuery(traceLogsQuestion(traceId, window));
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Panel
      aside={
        <Link href={`/logs${searchOf(window, { trace: traceId })}`} prefetch={false}>
          {t("openInLogs")}
        </Link>
      }
      note={t("newestFirst")}
      title={t("ofTrace")}
    >
      <LogLines lines={data.items} nowMs={nowMs} traceLinks={false} />
    </Panel>
  );
}
