"use client";

import { useTranslations } from "next-intl";
import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

import { useFormats } from "../format/use-formats.ts";
import { useClock } from "../window/use-clock.ts";

import toolbar from "../window/toolbar.module.css";
import styles from "./alerts.module.css";

interface AlertsHeadProps {
  readonly title: ReactNode;
  readonly updatedAtMs: number;
  readonly fetching: boolean;
  /** Filters and buttons. */
  readonly children?: ReactNode;
}

const pages = [
  { name: "alerts", path: "/alerts" },
  { name: "incidents", path: "/alerts/incidents" },
  { name: "rules", path: "/alerts/rules" },
  { name: "silences", path: "/alerts/silences" },
] as const;

/** The head of the pages about alerts: the way between them, what this one shows, and how old it is. */
export function AlertsHead({ title, updatedAtMs, fetching, children }: AlertsHeadProps) {
  const t = useTranslations("alerts");
  const path = usePathname();
  return (
    <>
      <nav aria-label={t("pages")} className={styles["pages"]}>
        {pages.map((page) => (
          <Link
            aria-current={path === page.path ? "page" : undefined}
            href={page.path}
            key={page.name}
            prefetch={false}
          >
            {t(page.name)}
          </Link>
        ))}
      </nav>
      <div className={toolbar["toolbar"]}>
        <div className={toolbar["title"]}>{title}</div>
        <div className={toolbar["controls"]}>
          <Updated atMs={updatedAtMs} fetching={fetching} />
          {children}
        </div>
      </div>
    </>
  );
}

function Updated({ atMs, fetching }: { readonly atMs: number; readonly fetching: boolean }) {
  const t = useTranslations("window");
  const formats = useFormats();
  const nowMs = useClock(atMs, 5_000);
  return (
    <span
      className={toolbar["freshness"]}
      data-fetching={fetching}
      title={t("live", { every: formats.step(10) })}
    >
      <span aria-hidden="true" className={toolbar["pulse"]} data-live />
      <span suppressHydrationWarning>{t("updated", { ago: formats.ago(atMs, nowMs) })}</span>
    </span>
  );
}
