"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { debounce, useQueryStates } from "nuqs";

import { modulePrefixLengthMax } from "#lib/core/module-prefix.ts";

import { foundExchangesQuestion, proxiesQuestion } from "../data/questions.ts";
import { useFormats } from "../format/use-formats.ts";
import { Failure } from "../ui/failure.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { Unreadable } from "../ui/unreadable.tsx";
import { ProxyFilter, Toolbar } from "../window/toolbar.tsx";
import { useWindow } from "../window/use-window.ts";
import { searchOf } from "../window/window-state.ts";
import { chipsOf, exchangeKeys, parametersOf, type Chip } from "./exchange-filter.ts";
import { ExchangesTable } from "./exchanges-table.tsx";

import toolbar from "../window/toolbar.module.css";
import styles from "./exchanges.module.css";

/** Single exchanges: of a proxy, an upstream, a module, with one status or error, or those that an objective finds bad. */
export function ExchangesPage() {
  const t = useTranslations("exchanges");
  const { text } = useWindow();
  const [filter] = useQueryStates(exchangeKeys);
  const proxies = useQuery(proxiesQuestion(text));
  const found = useQuery(foundExchangesQuestion(text, parametersOf(filter)));
  const items = found.data?.items ?? [];
  const order = filter.order === "newest" ? "newest" : "worst";
  return (
    <>
      <Toolbar
        fetching={found.isFetching}
        title={<h1>{t("title")}</h1>}
        updatedAtMs={found.dataUpdatedAt}
      >
        <ModuleSearch />
        <ProxyFilter proxies={(proxies.data?.items ?? []).map((each) => each.proxy)} />
        <Order order={order} />
      </Toolbar>
      <Chips />
      <Failure error={found.error} />
      <Unreadable rows={found.data?.unreadable} />
      <Panel
        note={order === "worst" ? t("worstNote") : t("newestNote")}
        title={t("count", { count: items.length })}
      >
        {items.length === 0 ? (
          <Nothing>{t("none")}</Nothing>
        ) : (
          <ExchangesTable exchanges={items} nowMs={found.dataUpdatedAt} />
        )}
      </Panel>
    </>
  );
}

function ModuleSearch() {
  const t = useTranslations("exchanges");
  const [{ module }, setKeys] = useQueryStates(exchangeKeys);
  return (
    <input
      aria-label={t("module")}
      className={toolbar["find"]}
      maxLength={modulePrefixLengthMax}
      onChange={(event) =>
        void setKeys(
          { module: event.target.value === "" ? null : event.target.value },
          { limitUrlUpdates: debounce(300) },
        )
      }
      placeholder={t("module")}
      type="search"
      value={module ?? ""}
    />
  );
}

function Order({ order }: { readonly order: "worst" | "newest" }) {
  const t = useTranslations("exchanges");
  const [, setKeys] = useQueryStates(exchangeKeys, { history: "push" });
  return (
    <select
      aria-label={t("order")}
      className={toolbar["select"]}
      onChange={(event) =>
        void setKeys({ order: event.target.value === "newest" ? "newest" : null })
      }
      value={order}
    >
      <option value="worst">{t("worst")}</option>
      <option value="newest">{t("newest")}</option>
    </select>
  );
}

function Chips() {
  const t = useTranslations("exchanges");
  const { text } = useWindow();
  const [filter, setKeys] = useQueryStates(exchangeKeys, { history: "push" });
  const label = useChipLabel(filter.thresholdMs);
  const chips = chipsOf(filter);
  if (chips.length === 0) return null;
  return (
    <ul aria-label={t("filters")} className={styles["chips"]}>
      {chips.map((chip) => (
        <li key={chip.name}>
          {chip.name === "upstream" ? (
            <Link
              href={`/upstreams/${encodeURIComponent(chip.value)}${searchOf(text, { proxy: filter.proxy })}`}
            >
              {label(chip)}
            </Link>
          ) : (
            label(chip)
          )}
          <button
            aria-label={t("leave", { filter: label(chip) })}
            onClick={() => void setKeys(chip.without)}
            type="button"
          >
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}

function useChipLabel(thresholdMs: string | null): (chip: Chip) => string {
  const t = useTranslations("exchanges");
  const formats = useFormats();
  return ({ name, value }) => {
    if (name === "status" && value === "0") return t("noAnswer");
    if (name !== "bad") return t("chip", { name: t(name), value });
    if (value === "latency") return t("slow", { threshold: formats.duration(Number(thresholdMs)) });
    return value === "hit_ratio" ? t("missed") : t("failed");
  };
}
