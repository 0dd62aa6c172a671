"use client";

import { useTranslations } from "next-intl";

import { Refusal } from "../data/ask.ts";

import styles from "./form.module.css";

/** Says why a change was not made; nothing while there is no such reason. */
export function Refused({ error }: { readonly error: Error | null }) {
  const t = useTranslations("failure");
  return (
    <div aria-live="polite">
      {error === null ? null : (
        <p className={styles["refused"]}>
          {error instanceof Refusal ? error.message : t("offline")}
        </p>
      )}
    </div>
  );
}
