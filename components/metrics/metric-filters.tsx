"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useQueryStates } from "nuqs";

import type { MetricsAnswer, MetricSeriesAnswer } from "#lib/contract/metrics.ts";

import { metricKeys } from "./metric-questions.ts";
import { filteredBy, withFilter } from "./prepare-metrics.ts";

import toolbar from "../window/toolbar.module.css";
import styles from "./metrics.module.css";

/** Attributes that can be chosen from; one with a single value tells nothing. */
const attributesShown = 8;

/** Which metric is drawn. */
export function MetricSelect(props: {
  readonly items: MetricsAnswer["items"];
  readonly name: string;
}) {
  const t = useTranslations("metrics");
  const [, setKeys] = useQueryStates(metricKeys, { history: "push" });
  const names = [...new Set(props.items.map(({ name }) => name))];
  return (
    <select
      aria-label={t("metric")}
      className={`${toolbar["select"]} ${styles["metric"]}`}
      onChange={(event) =>
        void setKeys({ metric: event.target.value, reading: null, group: null, filter: null })
      }
      value={props.name}
    >
      {(names.includes(props.name) ? names : [props.name, ...names]).map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}

/** How the metric is drawn, and of which series. */
export function MetricFilters({ answer }: { readonly answer: MetricSeriesAnswer }) {
  const t = useTranslations("metrics");
  const words = useTranslations("metricReading");
  const [{ group, filter }, setKeys] = useQueryStates(metricKeys, { history: "push" });
  const shown = answer.attributes
    .filter(({ key, values }) => values.length > 1 || filteredBy(filter, key) !== null)
    .slice(0, attributesShown);
  return (
    <div className={styles["filters"]}>
      <select
        aria-label={t("reading")}
        className={toolbar["select"]}
        onChange={(event) =>
          void setKeys({ reading: metricKeys.reading.parse(event.target.value) })
        }
        value={answer.reading}
      >
        {answer.readings.map((reading) => (
          <option key={reading} value={reading}>
            {words(reading)}
          </option>
        ))}
      </select>
      <select
        aria-label={t("groupBy")}
        className={toolbar["select"]}
        onChange={(event) => void setKeys({ group: event.target.value || null })}
        value={group ?? ""}
      >
        <option value="">{t("eachSeries")}</option>
        {answer.attributes.map(({ key }) => (
          <option key={key} value={key}>
            {`${t("groupBy")} ${key}`}
          </option>
        ))}
      </select>
      {shown.map((attribute) => (
        <AttributeSelect key={attribute.key} name={attribute.key} values={attribute.values} />
      ))}
      {filter.length === 0 ? null : (
        <Button
          color="gray"
          onClick={() => void setKeys({ filter: null })}
          size="compact-md"
          variant="default"
        >
          {t("clear")}
        </Button>
      )}
    </div>
  );
}

function AttributeSelect({
  name,
  values,
}: {
  readonly name: string;
  readonly values: readonly string[];
}) {
  const t = useTranslations("metrics");
  const [{ filter }, setKeys] = useQueryStates(metricKeys, { history: "push" });
  const chosen = filteredBy(filter, name);
  const place = chosen === null ? "" : `${values.indexOf(chosen)}`;
  return (
    <select
      aria-label={name}
      className={toolbar["select"]}
      onChange={(event) => {
        const value =
          event.target.value === "" ? null : (values[Number(event.target.value)] ?? null);
        void setKeys({ filter: withFilter(filter, name, value) });
      }}
      value={place}
    >
      <option value="">{t("allValues", { attribute: name })}</option>
      {values.map((value, index) => (
        <option key={value} value={index}>
          {t("oneValue", { attribute: name, value })}
        </option>
      ))}
    </select>
  );
}
