"use client";

import { useTranslations } from "next-intl";
import { useSyncExternalStore } from "react";

import { refreshMs } from "../data/refresh.ts";
import { useFormats } from "../format/use-formats.ts";
import styles from "./toolbar.module.css";
import { useWindow } from "./use-window.ts";

interface FreshnessProps {
  readonly updatedAtMs: number;
  readonly fetching: boolean;
}

/** Says how old the page's numbers are, and whether they refresh by themselves. */
export function Freshness({ updatedAtMs, fetching }: FreshnessProps) {
  const t = useTranslations("window");
  const formats = useFormats();
  const { text } = useWindow();
  const nowMs = useSeconds(updatedAtMs);
  const everyMs = refreshMs(text);
  return (
    <span
      className={styles["freshness"]}
      data-fetching={fetching}
      title={everyMs === null ? t("still") : t("live", { every: formats.step(everyMs / 1_000) })}
    >
      <span aria-hidden="true" className={styles["pulse"]} data-live={everyMs !== null} />
      <span suppressHydrationWarning>
        {everyMs === null ? t("still") : t("updated", { ago: formats.ago(updatedAtMs, nowMs) })}
      </span>
    </span>
  );
}

/** The current time to five seconds; on the server and while the page wakes up, the time given. */
function useSeconds(firstMs: number): number {
  return useSyncExternalStore(
    subscribe,
    () => Math.max(firstMs, Math.floor(Date.now() / 5_000) * 5_000),
    () => firstMs,
  );
}

function subscribe(changed: () => void): () => void {
  const timer = setInterval(changed, 1_000);
  return () => clearInterval(timer);
}
