"use client";

import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";

import type { Silence } from "#lib/contract/silences.ts";

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
      <Head nowMs={nowMs} title={t("title")} />
      <SilenceForm
        matchers={matchersIn(matchers) ?? []}
        onDone={() => router.push("/alerts/silences")}
      />
    </>
  );
}

interface ChangeSilencePageProps {
  readonly silence: Silence;
  readonly nowMs: number;
}

/** Changes a silence that holds or will. */
export function ChangeSilencePage({ silence, nowMs }: ChangeSilencePageProps) {
  const t = useTranslations("silence");
  const router = useRouter();
  return (
    <>
      <Head nowMs={nowMs} title={t("changeTitle")} />
      <SilenceForm
        matchers={silence.matchers}
        onDone={() => router.push("/alerts/silences")}
        silence={silence}
      />
    </>
  );
}

function Head({ title, nowMs }: { readonly title: string; readonly nowMs: number }) {
  const t = useTranslations("silence");
  return (
    <AlertsHead
      fetching={false}
      title={
        <>
          <h1>{title}</h1>
          <p className={styles["soft"]}>{t("lead")}</p>
        </>
      }
      updatedAtMs={nowMs}
    />
  );
}
