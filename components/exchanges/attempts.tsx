"use client";

import { useTranslations } from "next-intl";

import type { ExchangeItem } from "#lib/contract/exchanges.ts";

import { useFormats } from "../format/use-formats.ts";
import { resultText, resultTone } from "./prepare-exchange.ts";

import styles from "./exchanges.module.css";

/** The attempts of an exchange in their order: whom, with what result, in what time. */
export function Attempts({ attempts }: { readonly attempts: ExchangeItem["attempts"] }) {
  const t = useTranslations("exchange");
  const formats = useFormats();
  return (
    <ol className={styles["attempts"]}>
      {attempts.map((attempt, place) => (
        <li key={place} title={attempt.endpoint ?? undefined}>
          {attempt.upstream}{" "}
          <span className={styles["result"]} data-tone={resultTone(attempt)}>
            {attempt.tlsReason ?? resultText(attempt) ?? t("noStatus")}
          </span>{" "}
          {attempt.latencyMs === null ? null : (
            <span className={styles["took"]}>{formats.duration(attempt.latencyMs)}</span>
          )}
        </li>
      ))}
    </ol>
  );
}
