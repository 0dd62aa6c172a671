"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useQueryStates } from "nuqs";

import { Snippet } from "../ui/snippet.tsx";
import { useWindow } from "../window/use-window.ts";
import { logKeys } from "./log-questions.ts";
import { logSnippets } from "./log-snippets.ts";

import styles from "./logs.module.css";

/** What stands where there are no lines: how to widen the look, or how to send some. */
export function NoLines(address: { readonly origin: string; readonly tokenAsked: boolean }) {
  const t = useTranslations("logs");
  const empty = useTranslations("empty");
  const { setWindow } = useWindow();
  const [state, setKeys] = useQueryStates(logKeys, { history: "push" });
  const { q, proxy, instance, severity, kind, trace } = state;
  const filtered = q !== "" || [proxy, instance, severity, kind, trace].some(Boolean);
  return (
    <div className={styles["none"]}>
      <h2>{filtered ? t("noneMatch") : t("none")}</h2>
      <p>{t("noneHint")}</p>
      <div className={styles["older"]}>
        {filtered ? (
          <Button onClick={() => void setKeys(null)} size="compact-md" variant="default">
            {t("clear")}
          </Button>
        ) : null}
        <Button
          onClick={() => setWindow({ from: "now-24h", to: "now" })}
          size="compact-md"
          variant="default"
        >
          {empty("quietReset")}
        </Button>
      </div>
      {filtered
        ? null
        : logSnippets(address).map(({ key, text }) => (
            <Snippet key={key} level={3} text={text} title={t(key)} />
          ))}
    </div>
  );
}
