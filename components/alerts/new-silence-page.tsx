"use client";

import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";

import { matchersIn } from "../notifications/matcher-text.ts";
import { AlertsHead } from "./alerts-head.tsx";
import { SilenceForm } from "./silence-form.tsx";

import styles from "./alerts.module.css";

interface NewSilencePageProps {
  /** Matchers in words, as the links of notifications bring them. */
  readonly matchers: string;
  readonly nowMs: number;
}

/** Begins a silence, with the matchers that the address brings. */
export function NewSilencePage({ matchers, nowMs }: NewSilencePageProps) {
  const t = useTranslations("silence");
  const router = useRouter();
  return (
    <>
      <AlertsHead
        fetching={false}
        title={
          <>
            <h1>{t("title")}</h1>
            <p className={styles["soft"]}>{t("lead")}</p>
          </>
        }
        updatedAtMs={nowMs}
      />
      <SilenceForm
        matchers={matchersIn(matchers) ?? []}
        onDone={() => router.push("/alerts/silences")}
      />
    </>
  );
}
