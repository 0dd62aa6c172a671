"use client";

import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";

import type { Rule, RulesAnswer } from "#lib/contract/rules.ts";

import { AlertsHead } from "../alerts/alerts-head.tsx";
import { send } from "../data/send.ts";
import { useFormats } from "../format/use-formats.ts";
import { Failure } from "../ui/failure.tsx";
import { Moment } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
import { Refused } from "../ui/refused.tsx";
import { ShapeMark } from "../ui/state-mark.tsx";
import { isOurs, sortRules, standingMarks, standingOf } from "./prepare-rule.ts";
import { rulesQuestion } from "./rule-questions.ts";

import table from "../ui/table.module.css";
import styles from "./rules.module.css";

const columns = ["rule", "standing", "condition", "severity", "origin"] as const;

/** Every rule, ready-made and own, with how it stands. */
export function RulesPage() {
  const t = useTranslations("rules");
  const rules = useQuery(rulesQuestion());
  const toggle = useToggle();
  return (
    <>
      <AlertsHead
        fetching={rules.isFetching}
        title={<Title answer={rules.data} nowMs={rules.dataUpdatedAt} />}
        updatedAtMs={rules.dataUpdatedAt}
      >
        <Link href="/alerts/new-rule">{t("new")}</Link>
      </AlertsHead>
      <Failure error={rules.error} />
      <Refused error={toggle.error} />
      <Files files={rules.data?.files ?? []} />
      <Panel note={t("order")} title={t("allRules")}>
        <table className={`${table["table"]} ${table["cards"]} ${styles["rules"]}`}>
          <thead>
            <tr>
              {columns.map((name) => (
                <th key={name} scope="col">
                  {t(name)}
                </th>
              ))}
              <th scope="col">
                <span className="visually-hidden">{t("turn")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {sortRules(rules.data?.items ?? []).map((rule) => (
              <Row key={rule.key} onToggle={() => toggle.mutate(rule)} rule={rule} />
            ))}
          </tbody>
        </table>
      </Panel>
    </>
  );
}

interface TitleProps {
  readonly answer: RulesAnswer | undefined;
  readonly nowMs: number;
}

function Title({ answer, nowMs }: TitleProps) {
  const t = useTranslations("rules");
  const formats = useFormats();
  const last = answer?.evaluation ?? null;
  return (
    <>
      <h1>{t("title")}</h1>
      <p className={styles["soft"]}>
        {last === null ? (
          t("neverEvaluated")
        ) : (
          <>
            {t("evaluated", {
              instances: last.instances,
              took: formats.duration(last.tookMs),
            })}{" "}
            <Moment ago nowMs={nowMs} timeMs={Date.parse(last.at)} />
          </>
        )}
      </p>
    </>
  );
}

function Row({ rule, onToggle }: { readonly rule: Rule; readonly onToggle: () => void }) {
  const t = useTranslations("rules");
  const severity = useTranslations("severity");
  const origin = useTranslations("ruleOrigin");
  return (
    <tr>
      <th scope="row">
        <Link className={styles["name"]} href={`/alerts/rules/${rule.key}`} prefetch={false}>
          {rule.name}
        </Link>
        <span className={table["sub"]}>{rule.description}</span>
      </th>
      <td data-label={t("standing")}>
        <Standing rule={rule} />
      </td>
      <td className={styles["condition"]} data-label={t("condition")}>
        <code>{rule.when}</code>
      </td>
      <td data-label={t("severity")}>{severity(rule.severity)}</td>
      <td className={styles["origin"]} data-label={t("origin")}>
        {origin(rule.origin)}
        {rule.changed ? <span className={table["sub"]}>{t("changed")}</span> : null}
      </td>
      <td>
        {isOurs(rule) ? (
          <Button
            aria-label={
              rule.enabled ? t("turnOff", { rule: rule.name }) : t("turnOn", { rule: rule.name })
            }
            color="gray"
            onClick={onToggle}
            size="compact-xs"
            variant="default"
          >
            {rule.enabled ? t("disable") : t("enable")}
          </Button>
        ) : null}
      </td>
    </tr>
  );
}

/** How a rule stands, as a shape and a word. */
export function Standing({ rule }: { readonly rule: Rule }) {
  const t = useTranslations("ruleStanding");
  const standing = standingOf(rule);
  return (
    <>
      <ShapeMark
        label={t(standing, { count: standing === "firing" ? rule.firing : rule.pending })}
        state={standingMarks[standing]}
        word
      />
      {rule.problem === null ? null : <span className={table["sub"]}>{rule.problem}</span>}
    </>
  );
}

/** Says which rule files are refused, and why; nothing when none is. */
function Files({ files }: { readonly files: RulesAnswer["files"] }) {
  const t = useTranslations("rules");
  const refused = files.filter(({ problem }) => problem !== null);
  if (refused.length === 0) return null;
  return (
    <Panel title={t("filesRefused")}>
      <ul className={styles["files"]}>
        {refused.map(({ path, line, problem }) => (
          <li key={path}>
            <code>{line === null ? path : `${path}:${line}`}</code> {problem}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function useToggle() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (rule: Rule) =>
      send(
        "PUT",
        `rules/${encodeURIComponent(rule.key)}`,
        { ...rule, enabled: !rule.enabled },
        async () => (await import("#lib/contract/rules.ts")).rule,
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["rules"], exact: true }),
  });
}
