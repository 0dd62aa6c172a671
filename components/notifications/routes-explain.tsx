"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { debounce, parseAsString, useQueryState } from "nuqs";

import type { AlertItem } from "#lib/contract/alerts.ts";
import type { RoutesExplanation } from "#lib/contract/routes.ts";

import { alertsQuestion } from "../alerts/alert-questions.ts";
import { placeOf } from "../alerts/prepare-alerts.ts";
import { Field } from "../ui/field.tsx";
import { Moment } from "../ui/moment.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { Refused } from "../ui/refused.tsx";
import { labelsIn, labelsText } from "./matcher-text.ts";
import { explanationQuestion } from "./notification-questions.ts";

import form from "../ui/form.module.css";
import styles from "./notifications.module.css";

/** Where an alert with certain labels would go, by the routes that are saved; the labels stand in the address. */
export function RoutesExplain() {
  const t = useTranslations("explain");
  const [text, setText] = useQueryState("labels", parseAsString.withDefault(""));
  const alerts = useQuery(alertsQuestion());
  const items = alerts.data?.items ?? [];
  const labels = labelsIn(text);
  const empty = labels !== null && Object.keys(labels).length === 0;
  return (
    <Panel note={t("note")} title={t("title")}>
      <div className={form["form"]}>
        <Field hint={t("labelsHint")} label={t("labels")}>
          <input
            autoCapitalize="off"
            onChange={(event) =>
              void setText(event.target.value, { limitUrlUpdates: debounce(300) })
            }
            placeholder={t("example")}
            spellCheck={false}
            value={text}
          />
        </Field>
        <AlertChoice alerts={items} onChoose={(chosen) => void setText(labelsText(chosen))} />
      </div>
      {labels === null ? <p className={form["refused"]}>{t("unreadable")}</p> : null}
      {empty ? <Nothing>{t("empty")}</Nothing> : null}
      {labels === null || empty ? null : <Explanation alerts={items} labels={labels} />}
    </Panel>
  );
}

interface AlertChoiceProps {
  readonly alerts: readonly AlertItem[];
  readonly onChoose: (labels: AlertItem["labels"]) => void;
}

function AlertChoice({ alerts, onChoose }: AlertChoiceProps) {
  const t = useTranslations("explain");
  const state = useTranslations("alertState");
  if (alerts.length === 0) return null;
  return (
    <Field label={t("alert")}>
      <select
        onChange={(event) => {
          const chosen = alerts.find(({ groupKey }) => groupKey === event.target.value);
          if (chosen !== undefined) onChoose(chosen.labels);
        }}
        value=""
      >
        <option value="">{t("choose")}</option>
        {alerts.map((alert) => (
          <option key={alert.groupKey} value={alert.groupKey}>
            {`${alert.labels["alertname"] ?? alert.ruleKey}: ${placeOf(alert.labels).main} (${state(alert.state)})`}
          </option>
        ))}
      </select>
    </Field>
  );
}

interface ExplanationProps {
  readonly labels: Readonly<Record<string, string>>;
  readonly alerts: readonly AlertItem[];
}

function Explanation({ labels, alerts }: ExplanationProps) {
  const explanation = useQuery(explanationQuestion(labels));
  const { data } = explanation;
  return (
    <div className={styles["explained"]}>
      <Refused error={explanation.error} />
      {data === undefined ? null : (
        <>
          <Hidden alerts={alerts} explanation={data} />
          <ul aria-live="polite" className={styles["routes"]}>
            {data.routes.map((route) => (
              <RouteTaken key={route.key} nowMs={explanation.dataUpdatedAt} route={route} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

interface RouteTakenProps {
  readonly route: RoutesExplanation["routes"][number];
  readonly nowMs: number;
}

function RouteTaken({ route, nowMs }: RouteTakenProps) {
  const t = useTranslations("explain");
  const words = useTranslations("routes");
  const { key, groupKey, channels, groupedUntil } = route;
  return (
    <li>
      {key === "{}" ? words("others") : <code>{key}</code>}
      {" → "}
      {channels.length === 0 ? <strong>{words("nobody")}</strong> : null}
      {channels.map((channel, place) => (
        <span key={channel.id}>
          {place === 0 ? null : ", "}
          <Link href={`/settings/notifications/${encodeURIComponent(channel.id)}`}>
            {channel.name}
          </Link>
          {channel.disabled ? ` (${t("off")})` : null}
        </span>
      ))}
      <span className={styles["sub"]}>
        {t("group")} <code>{groupKey}</code>
      </span>
      <span className={styles["sub"]}>
        {groupedUntil === null ? (
          t("noGroup")
        ) : (
          <>
            {t("nextLook")} <Moment nowMs={nowMs} timeMs={Date.parse(groupedUntil)} />
          </>
        )}
      </span>
    </li>
  );
}

interface HiddenProps {
  readonly explanation: RoutesExplanation;
  readonly alerts: readonly AlertItem[];
}

/** What keeps the alert from being told now. */
function Hidden({ explanation, alerts }: HiddenProps) {
  const t = useTranslations("explain");
  const { silencedBy, inhibitedBy } = explanation;
  if (silencedBy.length === 0 && inhibitedBy.length === 0) {
    return <p className={form["done"]}>{t("told")}</p>;
  }
  return (
    <div className={form["refused"]}>
      {silencedBy.length === 0 ? null : (
        <p>
          {t("silenced", { count: silencedBy.length })}{" "}
          <Link href="/alerts/silences">{t("silences")}</Link>
        </p>
      )}
      {inhibitedBy.map((fingerprint) => (
        <p key={fingerprint}>
          {t("inhibited")} <Inhibitor alerts={alerts} fingerprint={fingerprint} />
        </p>
      ))}
    </div>
  );
}

interface InhibitorProps {
  readonly fingerprint: string;
  readonly alerts: readonly AlertItem[];
}

function Inhibitor({ fingerprint, alerts }: InhibitorProps) {
  const alert = alerts.find((one) => one.fingerprint === fingerprint);
  if (alert === undefined) return <code>{fingerprint}</code>;
  return (
    <Link href={`/alerts/${encodeURIComponent(alert.ruleKey)}/${fingerprint}`}>
      {`${alert.labels["alertname"] ?? alert.ruleKey}: ${placeOf(alert.labels).main}`}
    </Link>
  );
}
