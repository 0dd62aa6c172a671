"use client";

import { useTranslations } from "next-intl";

import type { AlertValue } from "#lib/contract/alert-event.ts";
import type { AlertItem } from "#lib/contract/alerts.ts";

import { ShapeMark } from "../ui/state-mark.tsx";
import { isFiring, markOf } from "./prepare-alerts.ts";

import styles from "./alerts.module.css";

/** Where an alert stands, as a shape and a word. */
export function AlertMark({ alert }: { readonly alert: Pick<AlertItem, "state" | "severity"> }) {
  const t = useTranslations("alertState");
  return <ShapeMark label={t(alert.state)} state={markOf(alert)} word />;
}

/** The numbers that a rule looked at, as they were. */
export function Values({ values }: { readonly values: readonly AlertValue[] }) {
  if (values.length === 0) return null;
  return (
    <ul className={styles["values"]}>
      {values.map(({ name, text }) => (
        <li key={name}>
          <code>{name}</code> {text}
        </li>
      ))}
    </ul>
  );
}

/** What else there is to know of an alert at a glance: nobody is told, somebody is on it, it comes and goes. */
export function Remarks({ alert }: { readonly alert: AlertItem }) {
  const t = useTranslations("alerts");
  const { acknowledged, silencedBy, flapping, unknownAt } = alert;
  const words = [
    acknowledged === null || !isFiring(alert)
      ? null
      : t("acknowledgedBy", { who: acknowledged.by }),
    silencedBy.length === 0 ? null : t("silenced"),
    flapping ? t("flapping") : null,
    unknownAt === null ? null : t("unknown"),
  ].filter((word) => word !== null);
  if (words.length === 0) return null;
  return (
    <ul className={styles["remarks"]}>
      {words.map((word) => (
        <li key={word}>{word}</li>
      ))}
    </ul>
  );
}
