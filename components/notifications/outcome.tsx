"use client";

import { useTranslations } from "next-intl";

import type { DeliveryItem } from "#lib/contract/deliveries.ts";

import styles from "./notifications.module.css";

const tones = { delivered: "good", pending: "warn", failed: "bad", superseded: "plain" } as const;

/** How a delivery stands, in a word; one that is tried again after a failure says so. */
export function Outcome({ delivery }: { readonly delivery: DeliveryItem }) {
  const t = useTranslations("deliveries");
  const retried = delivery.state === "pending" && delivery.problem !== null;
  return (
    <span
      className={styles["outcome"]}
      data-tone={tones[delivery.state]}
      title={delivery.problem ?? undefined}
    >
      {retried ? t("retried") : t(delivery.state)}
    </span>
  );
}
