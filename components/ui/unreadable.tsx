"use client";

import { useTranslations } from "next-intl";
import Link from "next/link";

import styles from "./unreadable.module.css";

/** Says that what is shown is not all: rows of the database are damaged. Nothing while none is. */
export function Unreadable({ rows = 0 }: { readonly rows: number | undefined }) {
  const t = useTranslations("unreadable");
  if (rows === 0) return null;
  return (
    <p className={styles["notice"]} role="status">
      {t("missing", { count: rows })}{" "}
      <Link href="/settings/operations" prefetch={false}>
        {t("operations")}
      </Link>
    </p>
  );
}
