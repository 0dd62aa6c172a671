import { useTranslations } from "next-intl";
import Link from "next/link";
import type { ReactNode } from "react";

import { ColorSchemeButton } from "./color-scheme-button.tsx";
import { LogoutButton } from "./logout-button.tsx";
import { Mark } from "./mark.tsx";
import { Navigation } from "./navigation.tsx";
import { TimeZone } from "./time-zone.tsx";
import { TraceSearch } from "./trace-search.tsx";

import styles from "./shell.module.css";

/** The frame of every page: skip link, header with the way to every page, and the content. */
export function Shell({
  children,
  canLogout,
}: {
  readonly children: ReactNode;
  readonly canLogout: boolean;
}) {
  const t = useTranslations("app");
  return (
    <>
      <a className={styles["skip"]} href="#content">
        {t("skip")}
      </a>
      <header className={styles["header"]}>
        <Link className={styles["brand"]} href="/">
          <Mark />
          <span>{t("name")}</span>
        </Link>
        <Navigation />
        <div className={styles["tools"]}>
          <TraceSearch />
          <ColorSchemeButton />
          {canLogout ? <LogoutButton /> : null}
        </div>
      </header>
      <main className={styles["main"]} id="content" tabIndex={-1}>
        {children}
      </main>
      <footer className={styles["footer"]}>
        <TimeZone />
      </footer>
    </>
  );
}
