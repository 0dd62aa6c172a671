"use client";

import { useTranslations } from "next-intl";

import type { MetricMeasuresAnswer } from "#lib/contract/metrics.ts";

import { useFormats } from "../format/use-formats.ts";

import table from "../ui/table.module.css";
import styles from "./metrics.module.css";

const numbers = ["requests", "errors", "errorRate", "hitRatio"] as const;

/** What each proxy, and each upstream of it, counted of itself. */
export function MeasuresTable({ items }: { readonly items: MetricMeasuresAnswer["items"] }) {
  const t = useTranslations("metrics");
  const words = useTranslations("metric");
  const formats = useFormats();
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          <th scope="col">{t("name")}</th>
          {numbers.map((name) => (
            <th className={table["number"]} key={name} scope="col">
              {words(name)}
            </th>
          ))}
          <th scope="col">{t("source")}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={JSON.stringify([item.proxy, item.upstream])}>
            <th scope="row">
              <span className={table["name"]}>
                <strong>
                  {item.upstream === null ? item.proxy : item.upstream || t("anyUpstream")}
                </strong>
              </span>
              <span className={table["sub"]}>
                {item.upstream === null ? t("whole") : t("through", { proxy: item.proxy })}
              </span>
            </th>
            {numbers.map((name) => {
              const value = item[name];
              const isShare = name === "errorRate" || name === "hitRatio";
              return (
                <td
                  className={table["number"]}
                  data-label={words(name)}
                  key={name}
                  title={isShare ? undefined : formats.exact(value)}
                >
                  {isShare ? formats.ratio(value) : formats.count(value)}
                </td>
              );
            })}
            <td className={styles["names"]} data-label={t("source")}>
              {item.metrics.join(", ")}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
