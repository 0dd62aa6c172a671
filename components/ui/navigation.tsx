"use client";

import { useTranslations } from "next-intl";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import { Suspense } from "react";

import { searchOf } from "../window/window-state.ts";

import styles from "./shell.module.css";

const pages = [
  { name: "overview", path: "/" },
  { name: "upstreams", path: "/upstreams" },
  { name: "logs", path: "/logs" },
  { name: "metrics", path: "/metrics-explorer" },
  { name: "certificates", path: "/certificates" },
  { name: "alerts", path: "/alerts" },
  { name: "slos", path: "/slos" },
  { name: "notifications", path: "/settings/notifications" },
  { name: "operations", path: "/settings/operations" },
] as const;

/** The way to every page; the time range goes along. */
export function Navigation() {
  const t = useTranslations("app");
  return (
    <nav aria-label={t("navigation")} className={styles["navigation"]}>
      <Suspense fallback={null}>
        <Links />
      </Suspense>
    </nav>
  );
}

function Links() {
  const t = useTranslations("app");
  const path = usePathname();
  const search = useSearchParams();
  const kept = searchOf({ from: search.get("from") ?? "now-1h", to: search.get("to") ?? "now" });
  return pages.map((page) => (
    <Link
      aria-current={isCurrent(page.path, path) ? "page" : undefined}
      href={`${page.path}${kept}`}
      key={page.name}
      prefetch={false}
    >
      {t(page.name)}
    </Link>
  ));
}

function isCurrent(page: string, path: string): boolean {
  return page === "/" ? path === "/" : path === page || path.startsWith(`${page}/`);
}
