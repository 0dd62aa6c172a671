"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { debounce, useQueryStates } from "nuqs";

import { prepareTrends } from "../charts/prepare-trends.ts";
import { proxiesQuestion, seriesQuestion, upstreamsQuestion } from "../data/questions.ts";
import { upstreamTrends } from "../overview/overview-questions.ts";
import { QuietWindow } from "../overview/quiet-window.tsx";
import { Failure } from "../ui/failure.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { ProxyFilter, Toolbar } from "../window/toolbar.tsx";
import { useWindow, useWindowNow } from "../window/use-window.ts";
import { filterKeys, sortKeys, type SortColumn } from "../window/window-state.ts";
import { findUpstreams, sortUpstreams } from "./sort-upstreams.ts";
import { UpstreamsTable, type ColumnHeadProps } from "./upstreams-table.tsx";

import table from "../ui/table.module.css";
import toolbar from "../window/toolbar.module.css";

/** Every upstream of every proxy, to search and sort. */
export function UpstreamsPage({ nowMs }: { readonly nowMs: number }) {
  const t = useTranslations("upstreams");
  const { text, window, seconds } = useWindowNow(nowMs);
  const [filter] = useQueryStates(filterKeys);
  const scope = filter.proxy === null ? {} : { proxy: filter.proxy };
  const upstreams = useQuery(upstreamsQuestion(text, scope));
  const trends = useQuery(seriesQuestion(text, upstreamTrends(window, filter.proxy)));
  const proxies = useQuery(proxiesQuestion(text));
  const items = upstreams.data?.items ?? [];
  return (
    <>
      <Toolbar
        fetching={upstreams.isFetching}
        title={<h1>{t("title")}</h1>}
        updatedAtMs={upstreams.dataUpdatedAt}
      >
        <Search />
        <ProxyFilter proxies={(proxies.data?.items ?? []).map((each) => each.proxy)} />
      </Toolbar>
      <Failure error={upstreams.error ?? trends.error} />
      {upstreams.data !== undefined && items.length === 0 ? (
        <QuietWindow />
      ) : (
        <Sorted
          seconds={seconds}
          trends={prepareTrends(trends.data, trends.dataUpdatedAt)}
          upstreams={items}
        />
      )}
    </>
  );
}

function Search() {
  const t = useTranslations("filter");
  const [{ q }, setKeys] = useQueryStates(filterKeys);
  return (
    <input
      aria-label={t("search")}
      className={toolbar["find"]}
      onChange={(event) =>
        void setKeys({ q: event.target.value }, { limitUrlUpdates: debounce(200) })
      }
      placeholder={t("search")}
      type="search"
      value={q}
    />
  );
}

type SortedProps = Pick<Parameters<typeof UpstreamsTable>[0], "upstreams" | "trends" | "seconds">;

function Sorted({ upstreams, trends, seconds }: SortedProps) {
  const t = useTranslations("upstreams");
  const words = useTranslations("overview");
  const { text } = useWindow();
  const [{ q }] = useQueryStates(filterKeys);
  const [{ sort, dir }] = useQueryStates(sortKeys);
  const found = findUpstreams(upstreams, q);
  const count =
    found.length === upstreams.length
      ? t("count", { shown: found.length })
      : t("of", { shown: found.length, all: upstreams.length });
  return (
    <Panel note={sort === "worst" ? words("worstFirst") : undefined} title={count}>
      {found.length === 0 ? (
        <Nothing>{t("none")}</Nothing>
      ) : (
        <UpstreamsTable
          Head={SortHead}
          seconds={seconds}
          sorted={{ column: sort, direction: dir }}
          text={text}
          trends={trends}
          upstreams={sortUpstreams(found, sort, dir)}
        />
      )}
    </Panel>
  );
}

function SortHead({ column, label }: ColumnHeadProps) {
  const t = useTranslations("upstreams");
  const [{ sort, dir }, setKeys] = useQueryStates(sortKeys, { history: "push" });
  const active = sort === column;
  const first = column === "upstream" ? "asc" : "desc";
  return (
    <button
      aria-label={t("sortBy", { column: label })}
      className={table["sort"]}
      data-active={active}
      onClick={() => void setKeys(nextSort(column, active, dir, first))}
      type="button"
    >
      {label}
      <span aria-hidden="true">{active ? (dir === "asc" ? "↑" : "↓") : ""}</span>
    </button>
  );
}

/** A column goes from its first direction to the other, then back to the order of attention. */
function nextSort(column: SortColumn, active: boolean, dir: "asc" | "desc", first: "asc" | "desc") {
  if (!active) return { sort: column, dir: first };
  if (dir === first)
    return { sort: column, dir: first === "asc" ? ("desc" as const) : ("asc" as const) };
  return { sort: null, dir: null };
}
