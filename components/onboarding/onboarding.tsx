"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useEffect } from "react";

import { proxiesQuestion } from "../data/questions.ts";
import { Snippet } from "../ui/snippet.tsx";
import { DemoButton } from "./demo-button.tsx";
import { snippets } from "./snippets.ts";

import styles from "./onboarding.module.css";

interface OnboardingProps {
  readonly origin: string;
  readonly tokenAsked: boolean;
}

const lookEveryMs = 2_000;

/** The page of an installation that has received nothing: how to send, and a way to just look. It turns into the overview by itself. */
export function Onboarding({ origin, tokenAsked }: OnboardingProps) {
  const t = useTranslations("empty");
  useFirstRecord();
  return (
    <div className={styles["onboarding"]}>
      <header>
        <h1>{t("title")}</h1>
        <p className={styles["lead"]}>{t("lead")}</p>
        <p className={styles["waiting"]} role="status">
          <span aria-hidden="true" className={styles["dots"]} />
          {t("waiting")}
        </p>
        {tokenAsked ? <p className={styles["token"]}>{t("tokenHint")}</p> : null}
      </header>
      <section aria-label={t("demoTitle")} className={styles["demo"]}>
        <h2>{t("demoTitle")}</h2>
        <p>{t("demoHint")}</p>
        <DemoButton />
      </section>
      <div className={styles["snippets"]}>
        {snippets({ origin, tokenAsked }).map(({ key, text }) => (
          <Snippet hint={t(`${key}Hint`)} key={key} level={2} text={text} title={t(key)} />
        ))}
      </div>
    </div>
  );
}

/** Looks for the first record, and lets the server draw the page anew when it is there. */
function useFirstRecord(): void {
  const router = useRouter();
  const { data } = useQuery({
    ...proxiesQuestion({ from: "now-1h", to: "now" }),
    refetchInterval: lookEveryMs,
  });
  const arrived = (data?.items.length ?? 0) > 0;
  useEffect(() => {
    if (arrived) router.refresh();
  }, [arrived, router]);
}
