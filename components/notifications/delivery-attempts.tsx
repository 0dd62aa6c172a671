"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";

import type { DeliveryAttempt } from "#lib/contract/deliveries.ts";

import { useFormats } from "../format/use-formats.ts";
import { Failure } from "../ui/failure.tsx";
import { Moment } from "../ui/moment.tsx";
import { Conversation } from "./conversation.tsx";
import { deliveryQuestion } from "./notification-questions.ts";

import styles from "./notifications.module.css";

/** Every attempt at one delivery: when, how it went, how long it took, what was said. */
export function DeliveryAttempts({ id, nowMs }: { readonly id: string; readonly nowMs: number }) {
  const t = useTranslations("deliveries");
  const { data, error } = useQuery(deliveryQuestion(id));
  return (
    <>
      <Failure error={error} />
      {data?.attempts.length === 0 ? <p>{t("noAttempt")}</p> : null}
      <ol className={styles["attempts"]}>
        {(data?.attempts ?? []).map((attempt) => (
          <Attempt attempt={attempt} key={attempt.number} nowMs={nowMs} />
        ))}
      </ol>
    </>
  );
}

function Attempt({
  attempt,
  nowMs,
}: {
  readonly attempt: DeliveryAttempt;
  readonly nowMs: number;
}) {
  const t = useTranslations("deliveries");
  const formats = useFormats();
  const { outcome, reason, latencyMs } = attempt;
  return (
    <li className={styles["attempt"]}>
      <p>
        <strong>{t("attempt", { number: attempt.number })}</strong>{" "}
        <Moment nowMs={nowMs} timeMs={Date.parse(attempt.startedAt)} />
        {" · "}
        <span
          className={styles["outcome"]}
          data-tone={outcome === null ? "plain" : outcomeTones[outcome]}
        >
          {outcome === null ? t("underWay") : t(outcomeWords[outcome])}
        </span>
        {latencyMs === null ? null : ` · ${formats.duration(latencyMs)}`}
        {reason === null ? null : ` · ${reason}`}
      </p>
      <Conversation exchanges={attempt.exchanges} open={false} />
    </li>
  );
}

const outcomeTones = { delivered: "good", retry: "warn", rejected: "bad", gone: "bad" } as const;
const outcomeWords = {
  delivered: "delivered",
  retry: "willRetry",
  rejected: "rejected",
  gone: "gone",
} as const;
