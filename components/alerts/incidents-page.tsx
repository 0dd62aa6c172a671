"use client";

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useQueryStates } from "nuqs";

import type { IncidentsAnswer } from "#lib/contract/incidents.ts";
import { incidentStates } from "#lib/core/alert.ts";
import { severities } from "#lib/core/severity.ts";

import { Failure } from "../ui/failure.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { RangeChoice } from "../window/range-picker.tsx";
import { incidentsQuestion } from "./alert-questions.ts";
import { AlertsHead } from "./alerts-head.tsx";
import { incidentKeys, incidentsFilterOf } from "./incident-keys.ts";
import { IncidentsTable } from "./incidents-table.tsx";

import toolbar from "../window/toolbar.module.css";
import styles from "./alerts.module.css";

const noChoices: IncidentsAnswer["choices"] = { rules: [], proxies: [], upstreams: [] };

/** What fired within a time, also what is long over. */
export function IncidentsPage() {
  const t = useTranslations("incidents");
  const [keys, setKeys] = useQueryStates(incidentKeys, { history: "push" });
  const answer = useQuery(incidentsQuestion(incidentsFilterOf(keys)));
  const nowMs = answer.dataUpdatedAt;
  const items = answer.data?.items ?? [];
  return (
    <>
      <AlertsHead
        fetching={answer.isFetching}
        title={
          <>
            <h1>{t("title")}</h1>
            <p className={styles["soft"]}>{t("lead")}</p>
          </>
        }
        updatedAtMs={nowMs}
      >
        <RangeChoice
          setWindow={(next) => void setKeys({ ...next, after: null })}
          text={{ from: keys.from, to: keys.to }}
        />
      </AlertsHead>
      <Filters choices={answer.data?.choices ?? noChoices} />
      <Failure error={answer.error} />
      <Panel note={t("order")} title={t("fired")}>
        {items.length === 0 && answer.data !== undefined ? (
          <Nothing>{isNarrowed(keys) ? t("noneMatch") : t("none")}</Nothing>
        ) : (
          <IncidentsTable incidents={items} nowMs={nowMs} />
        )}
        <Paging next={answer.data?.next ?? null} />
      </Panel>
    </>
  );
}

function isNarrowed(keys: Record<string, unknown>): boolean {
  return ["state", "severity", "rule", "proxy", "upstream"].some((name) => keys[name] !== null);
}

type Narrowing = "state" | "severity" | "rule" | "proxy" | "upstream";

function Filters({ choices }: { readonly choices: IncidentsAnswer["choices"] }) {
  const t = useTranslations("incidents");
  const severity = useTranslations("severity");
  const lists: Readonly<Record<Narrowing, readonly (readonly [string, string])[]>> = {
    state: incidentStates.map((name) => [name, t(name)]),
    severity: severities.map((name) => [name, severity(name)]),
    rule: choices.rules.map(({ key, name }) => [key, name]),
    proxy: choices.proxies.map((name) => [name, name]),
    upstream: choices.upstreams.map((name) => [name, name]),
  };
  return (
    <div className={styles["filters"]}>
      {(["state", "severity", "rule", "proxy", "upstream"] as const).map((name) => (
        <Filter key={name} name={name} options={lists[name]} />
      ))}
    </div>
  );
}

interface FilterProps {
  readonly name: Narrowing;
  /** Values with their words. */
  readonly options: readonly (readonly [string, string])[];
}

function Filter({ name, options }: FilterProps) {
  const t = useTranslations("incidents");
  const [keys, setKeys] = useQueryStates(incidentKeys, { history: "push" });
  const chosen = keys[name] ?? "";
  const known = chosen === "" || options.some(([value]) => value === chosen);
  const shown = known ? options : [...options, [chosen, chosen] as const];
  return (
    <select
      aria-label={t(`filter.${name}`)}
      className={toolbar["select"]}
      onChange={(event) =>
        void setKeys({ [name]: incidentKeys[name].parse(event.target.value), after: null })
      }
      value={chosen}
    >
      <option value="">{t(`all.${name}`)}</option>
      {shown.map(([value, word]) => (
        <option key={value} value={value}>
          {word}
        </option>
      ))}
    </select>
  );
}

function Paging({ next }: { readonly next: string | null }) {
  const t = useTranslations("incidents");
  const [{ after }, setKeys] = useQueryStates(incidentKeys, { history: "push" });
  if (next === null && after === null) return null;
  return (
    <div className={styles["filters"]}>
      {after === null ? null : (
        <Button onClick={() => void setKeys({ after: null })} size="compact-sm" variant="default">
          {t("newest")}
        </Button>
      )}
      {next === null ? null : (
        <Button onClick={() => void setKeys({ after: next })} size="compact-sm" variant="default">
          {t("older")}
        </Button>
      )}
    </div>
  );
}
