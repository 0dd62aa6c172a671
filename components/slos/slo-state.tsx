import { useTranslations } from "next-intl";

import type { SloState } from "./prepare-slo.ts";

import styles from "./slos.module.css";

const shapes = {
  exhausted: "M5 0.8 9.6 9.2H0.4Z",
  at_risk: "M5 0.4 9.6 5 5 9.6 0.4 5Z",
  healthy: "M5 1.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7",
  no_data: "M5 2.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6M5 1a4 4 0 1 1 0 8a4 4 0 1 1 0-8",
} as const;

/** How an objective stands: a shape of its own, its color, and its word. */
export function SloStateMark({ state }: { readonly state: SloState }) {
  const t = useTranslations("sloState");
  return (
    <span className={styles["state"]} data-state={state} title={t("meaning")}>
      <svg aria-hidden="true" height="10" viewBox="0 0 10 10" width="10">
        <path d={shapes[state]} fill="currentColor" fillRule="evenodd" />
      </svg>
      {t(state)}
    </span>
  );
}
