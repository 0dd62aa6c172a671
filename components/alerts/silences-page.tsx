"use client";

import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";

import type { Silence } from "#lib/contract/silences.ts";

import { send } from "../data/send.ts";
import { matchersText } from "../notifications/matcher-text.ts";
import { Failure } from "../ui/failure.tsx";
import { Moment } from "../ui/moment.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { Refused } from "../ui/refused.tsx";
import { silencesQuestion } from "./alert-questions.ts";
import { AlertsHead } from "./alerts-head.tsx";

import table from "../ui/table.module.css";
import styles from "./alerts.module.css";

/** What is muted now, what will be, and what lately was. */
export function SilencesPage() {
  const t = useTranslations("silences");
  const silences = useQuery(silencesQuestion());
  const end = useEnd();
  const items = silences.data?.items ?? [];
  return (
    <>
      <AlertsHead
        fetching={silences.isFetching}
        title={
          <>
            <h1>{t("title")}</h1>
            <p className={styles["soft"]}>{t("lead")}</p>
          </>
        }
        updatedAtMs={silences.dataUpdatedAt}
      >
        <Link href="/alerts/silence">{t("new")}</Link>
      </AlertsHead>
      <Failure error={silences.error} />
      <Refused error={end.error} />
      {(["active", "pending", "expired"] as const).map((state) => {
        const own = items.filter((silence) => silence.state === state);
        return own.length === 0 && state !== "active" ? null : (
          <Panel key={state} title={t(state)}>
            {own.length === 0 ? (
              <Nothing>{t("none")}</Nothing>
            ) : (
              <SilencesTable
                nowMs={silences.dataUpdatedAt}
                onEnd={(id) => end.mutate(id)}
                silences={own}
              />
            )}
          </Panel>
        );
      })}
    </>
  );
}

interface SilencesTableProps {
  readonly silences: readonly Silence[];
  readonly nowMs: number;
  readonly onEnd: (id: string) => void;
}

function SilencesTable({ silences, nowMs, onEnd }: SilencesTableProps) {
  const t = useTranslations("silences");
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          {(["matchers", "from", "until", "reason"] as const).map((name) => (
            <th key={name} scope="col">
              {t(name)}
            </th>
          ))}
          <th scope="col">
            <span className="visually-hidden">{t("acts")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {silences.map((silence) => (
          <tr key={silence.id}>
            <th scope="row">
              <code className={styles["matchers"]}>{matchersText(silence.matchers)}</code>
            </th>
            <td data-label={t("from")}>
              <Moment nowMs={nowMs} timeMs={Date.parse(silence.startsAt)} />
            </td>
            <td data-label={t("until")}>
              <Moment nowMs={nowMs} timeMs={Date.parse(silence.endsAt)} />
            </td>
            <td data-label={t("reason")}>
              {silence.reason}
              <span className={table["sub"]}>{silence.author}</span>
            </td>
            <td>
              <Acts onEnd={onEnd} silence={silence} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface ActsProps {
  readonly silence: Silence;
  readonly onEnd: (id: string) => void;
}

function Acts({ silence, onEnd }: ActsProps) {
  const t = useTranslations("silences");
  if (silence.state === "expired") return null;
  const matchers = matchersText(silence.matchers);
  const isPlanned = silence.state === "pending";
  return (
    <div className={styles["acts"]}>
      <Link
        aria-label={t("changeOf", { matchers })}
        href={`/alerts/silences/${silence.id}`}
        prefetch={false}
      >
        {t("change")}
      </Link>
      <Button
        aria-label={t(isPlanned ? "dropOf" : "endOf", { matchers })}
        color="gray"
        onClick={() => onEnd(silence.id)}
        size="compact-xs"
        variant="default"
      >
        {t(isPlanned ? "drop" : "end")}
      </Button>
    </div>
  );
}

function useEnd() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      send("DELETE", `silences/${encodeURIComponent(id)}`, undefined, async () => {
        return (await import("#lib/contract/silences.ts")).silenceEnded;
      }),
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["silences"] }),
        queries.invalidateQueries({ queryKey: ["alerts"] }),
      ]),
  });
}
