"use client";

import { useTranslations } from "next-intl";

import { refreshMs } from "../data/refresh.ts";
import { useFormats } from "../format/use-formats.ts";
import { useClock } from "./use-clock.ts";
import { useWindow } from "./use-window.ts";

import styles from "./toolbar.module.css";

interface FreshnessProps {
  readonly updatedAtMs: number;
  readonly fetching: boolean;
  readonly everyMs?: number | undefined;
}

/** Says how old the page's numbers are, and whether they refresh by themselves. */
export function Freshness({ updatedAtMs, fetching, everyMs: given }: FreshnessProps) {
  const t = useTranslations("window");
  const formats = useFormats();
  const { text } = useWindow();
  const nowMs = useClock(updatedAtMs, 5_000);
  const everyMs = given ?? refreshMs(text);
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
