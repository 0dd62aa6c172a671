"use client";

import { useTranslations } from "next-intl";

import { Refusal } from "../data/ask.ts";

import styles from "./failure.module.css";

/** Says that the page could not be refreshed, and why; nothing when it could. */
export function Failure({ error }: { readonly error: Error | null }) {
  const t = useTranslations("failure");
  if (error === null) return <div aria-live="polite" />;
  const reason = error instanceof Refusal ? error.message : t("offline");
  return (
    <div aria-live="polite" className={styles["failure"]}>
      {t("stale", { reason })}
    </div>
  );
}
