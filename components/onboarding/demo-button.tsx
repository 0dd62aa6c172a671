"use client";

import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";

import { Refusal } from "../data/ask.ts";
import { demoQuestion, setDemo } from "../data/demo.ts";

import styles from "./onboarding.module.css";

/** Starts and stops demo traffic. */
export function DemoButton() {
  const t = useTranslations("empty");
  const failure = useTranslations("failure");
  const { running, change } = useDemo();
  return (
    <div className={styles["button"]}>
      <Button
        loading={change.isPending}
        onClick={() => change.mutate(!running)}
        size="sm"
        variant={running ? "default" : "filled"}
      >
        {running ? t("demoStop") : t("demo")}
      </Button>
      <p aria-live="polite">
        {change.error === null
          ? running && t("demoRunning")
          : t("demoFailed", {
              reason: change.error instanceof Refusal ? change.error.message : failure("offline"),
            })}
      </p>
    </div>
  );
}

/** Says that demo traffic runs, and stops it; nothing while none does. */
export function DemoBanner() {
  const t = useTranslations("empty");
  const { running, change } = useDemo();
  if (!running) return null;
  return (
    <p className={styles["banner"]}>
      {t("demoBanner")}
      <Button
        color="gray"
        loading={change.isPending}
        onClick={() => change.mutate(false)}
        size="compact-xs"
        variant="default"
      >
        {t("demoStop")}
      </Button>
    </p>
  );
}

function useDemo() {
  const queries = useQueryClient();
  const { data } = useQuery(demoQuestion);
  const change = useMutation({
    mutationFn: setDemo,
    onSuccess: () => queries.invalidateQueries({ queryKey: demoQuestion.queryKey }),
  });
  return { running: data?.running ?? false, change };
}
