"use client";

import { useTranslations } from "next-intl";
import { useQueryStates } from "nuqs";
import type { ReactNode } from "react";

import { Freshness } from "./freshness.tsx";
import { RangePicker } from "./range-picker.tsx";
import { filterKeys } from "./window-state.ts";

import styles from "./toolbar.module.css";

interface ToolbarProps {
  readonly title: ReactNode;
  readonly updatedAtMs: number;
  readonly fetching: boolean;
  /** How often the page asks again, where that is not by its window. */
  readonly everyMs?: number | undefined;
  readonly children?: ReactNode;
}

/** The head of a page: what it shows, its filters, and over which time. */
export function Toolbar({ title, updatedAtMs, fetching, everyMs, children }: ToolbarProps) {
  return (
    <div className={styles["toolbar"]}>
      <div className={styles["title"]}>{title}</div>
      <div className={styles["controls"]}>
        <Freshness everyMs={everyMs} fetching={fetching} updatedAtMs={updatedAtMs} />
        {children}
        <RangePicker />
      </div>
    </div>
  );
}

/** Narrows a page to one proxy. */
export function ProxyFilter({ proxies }: { readonly proxies: readonly string[] }) {
  const t = useTranslations("filter");
  const [{ proxy }, setKeys] = useQueryStates(filterKeys, { history: "push" });
  const shown = proxy === null || proxies.includes(proxy) ? proxies : [...proxies, proxy];
  return (
    <select
      aria-label={t("proxy")}
      className={styles["select"]}
      onChange={(event) =>
        void setKeys({ proxy: event.target.value === "" ? null : event.target.value })
      }
      value={proxy ?? ""}
    >
      <option value="">{t("allProxies")}</option>
      {shown.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}
