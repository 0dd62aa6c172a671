"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";

import { useWindow } from "../window/use-window.ts";

import styles from "./quiet-window.module.css";

/** What stands where the window holds nothing, though records exist. */
export function QuietWindow() {
  const t = useTranslations("empty");
  const { setWindow } = useWindow();
  return (
    <div className={styles["quiet"]}>
      <h2>{t("quietTitle")}</h2>
      <p>{t("quietHint")}</p>
      <Button
        onClick={() => setWindow({ from: "now-24h", to: "now" })}
        size="compact-md"
        variant="default"
      >
        {t("quietReset")}
      </Button>
    </div>
  );
}
