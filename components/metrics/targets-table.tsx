"use client";

import { useTranslations } from "next-intl";

import type { MetricMeasuresAnswer } from "#lib/contract/metrics.ts";

import { useFormats } from "../format/use-formats.ts";
import { Moment } from "../ui/moment.tsx";

import table from "../ui/table.module.css";
import styles from "./metrics.module.css";

type Target = MetricMeasuresAnswer["targets"][number];

interface TargetsTableProps {
  readonly targets: readonly Target[];
  readonly nowMs: number;
}

/** Every page that is scraped: whether it answers, and why not. */
export function TargetsTable({ targets, nowMs }: TargetsTableProps) {
  const t = useTranslations("metrics");
  const formats = useFormats();
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          <th scope="col">{t("page")}</th>
          <th scope="col">{t("up")}</th>
          <th scope="col">{t("scraped")}</th>
          <th className={table["number"]} scope="col">
            {t("took")}
          </th>
          <th className={table["number"]} scope="col">
            {t("samples")}
          </th>
        </tr>
      </thead>
      <tbody>
        {targets.map((target) => (
          <tr key={target.name}>
            <th scope="row">
              <span className={table["name"]}>
                <strong>{target.name}</strong>
              </span>
              <span className={table["sub"]}>{target.url}</span>
            </th>
            <td data-label={t("up")}>
              <Answers target={target} />
            </td>
            <td data-label={t("scraped")}>
              {target.scrapedAt === null ? (
                "–"
              ) : (
                <Moment ago nowMs={nowMs} timeMs={Date.parse(target.scrapedAt)} />
              )}
            </td>
            <td className={table["number"]} data-label={t("took")}>
              {formats.duration(target.durationMs)}
            </td>
            <td className={table["number"]} data-label={t("samples")}>
              {formats.count(target.samples)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Answers({ target }: { readonly target: Target }) {
  const t = useTranslations("metrics");
  const formats = useFormats();
  if (target.up === null) return t("notYet");
  return (
    <>
      <strong className={styles[target.up ? "good" : "bad"]}>
        {target.up ? t("isUp") : t("isDown")}
      </strong>
      {target.refused === null || target.refused === 0 ? null : (
        <span className={styles["soft"]}>
          {" "}
          {t("refused", { count: formats.count(target.refused) })}
        </span>
      )}
      {target.problem === null ? null : <p className={styles["problem"]}>{target.problem}</p>}
    </>
  );
}
