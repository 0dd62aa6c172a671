"use client";

import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useQueryStates } from "nuqs";

import type { LogItem, LogsAnswer } from "#lib/contract/logs.ts";

import { proxiesQuestion } from "../data/questions.ts";
import { Failure } from "../ui/failure.tsx";
import { Moment } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
import { Unreadable } from "../ui/unreadable.tsx";
import { Toolbar } from "../window/toolbar.tsx";
import { useWindow } from "../window/use-window.ts";
import { LinkedFilters, LogFilters } from "./log-filters.tsx";
import { LogLines } from "./log-lines.tsx";
import { followMs, logKeys, logParamsOf, logsQuestion } from "./log-questions.ts";
import { NoLines } from "./no-lines.tsx";
import { distinctLines } from "./prepare-log.ts";

import styles from "./logs.module.css";

interface LogsPageProps {
  readonly nowMs: number;
  /** Where this installation is reached, for what a reader copies. */
  readonly origin: string;
  readonly tokenAsked: boolean;
}

/** Lines that are no requests, and those that could not be read: the newest first. */
export function LogsPage({ nowMs, origin, tokenAsked }: LogsPageProps) {
  const t = useTranslations("logs");
  const { text } = useWindow();
  const [state] = useQueryStates(logKeys);
  const proxies = useQuery(proxiesQuestion(text));
  const logs = useInfiniteQuery(logsQuestion(text, logParamsOf(state), state.live));
  const pages = logs.data?.pages ?? noPages;
  const lines = distinctLines(pages);
  return (
    <>
      <Toolbar
        everyMs={state.live ? followMs : undefined}
        fetching={logs.isFetching}
        title={<h1>{t("title")}</h1>}
        updatedAtMs={logs.dataUpdatedAt}
      >
        <LogFilters proxies={proxiesOf(proxies.data?.items, lines)} />
      </Toolbar>
      <LinkedFilters />
      <Failure error={logs.error} />
      <UnreadNotice unread={pages[0]?.unread} />
      <Unreadable rows={pages.reduce((sum, { unreadable }) => sum + unreadable, 0)} />
      {lines.length === 0 && logs.isSuccess && !logs.hasNextPage ? (
        <NoLines origin={origin} tokenAsked={tokenAsked} />
      ) : (
        <Lines lines={lines} logs={logs} nowMs={Math.max(nowMs, logs.dataUpdatedAt)} />
      )}
    </>
  );
}

interface LinesProps extends OlderProps {
  readonly lines: readonly LogItem[];
}

function Lines({ lines, logs, nowMs }: LinesProps) {
  const t = useTranslations("logs");
  return (
    <Panel note={t("newestFirst")} title={t("lines", { count: lines.length })}>
      <LogLines lines={lines} nowMs={nowMs} />
      {logs.hasNextPage ? <Older logs={logs} nowMs={nowMs} /> : null}
    </Panel>
  );
}

const noPages: readonly LogsAnswer[] = [];

function proxiesOf(
  items: readonly { readonly proxy: string }[] | undefined,
  lines: readonly LogItem[],
): string[] {
  return [...new Set([...(items ?? []), ...lines].map(({ proxy }) => proxy))].toSorted();
}

/** Says that lines could not be read, as the numbers elsewhere lack them. */
function UnreadNotice({ unread = 0 }: { readonly unread: number | undefined }) {
  const t = useTranslations("logs");
  const [{ kind }, setKeys] = useQueryStates(logKeys, { history: "push" });
  if (unread === 0 || kind === "unread") return null;
  return (
    <p className={styles["notice"]}>
      {t("unread", { count: unread })}
      <Button
        color="gray"
        onClick={() => void setKeys({ kind: "unread" })}
        size="compact-xs"
        variant="default"
      >
        {t("showUnread")}
      </Button>
    </p>
  );
}

interface OlderProps {
  readonly logs: {
    readonly data?: { readonly pages: readonly LogsAnswer[] } | undefined;
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => unknown;
  };
  readonly nowMs: number;
}

/** The way further back, and how far back was looked. */
function Older({ logs, nowMs }: OlderProps) {
  const t = useTranslations("logs");
  const scannedTo = logs.data?.pages.at(-1)?.scannedTo;
  return (
    <div className={styles["older"]}>
      <Button
        loading={logs.isFetchingNextPage}
        onClick={() => void logs.fetchNextPage()}
        size="compact-md"
        variant="default"
      >
        {t("older")}
      </Button>
      {scannedTo === undefined ? null : (
        <span>
          {t("lookedBack")} <Moment nowMs={nowMs} timeMs={Date.parse(scannedTo)} />
        </span>
      )}
    </div>
  );
}
