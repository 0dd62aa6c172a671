"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";

import type { SloItem } from "#lib/contract/slos.ts";

import { useFormats } from "../format/use-formats.ts";
import { Failure } from "../ui/failure.tsx";
import { Measure, type Tone } from "../ui/measure.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { factorText, percentOf, signedShare, stateOf, worstFirst } from "./prepare-slo.ts";
import { slosQuestion } from "./slo-questions.ts";
import { SloStateMark } from "./slo-state.tsx";
import { useSloWords } from "./use-slo-words.ts";

import table from "../ui/table.module.css";
import styles from "./slos.module.css";

/** Every objective, the worst first: what is left of its budget, and how fast it burns. */
export function SlosPage() {
  const t = useTranslations("slos");
  const overview = useTranslations("overview");
  const slos = useQuery(slosQuestion());
  const items = slos.data?.items ?? [];
  return (
    <>
      <div className={styles["head"]}>
        <div>
          <h1>{t("title")}</h1>
          <p>{t("lead")}</p>
        </div>
        <div className={styles["links"]}>
          <Link href="/slos/openslo">{t("openSlo")}</Link>
          <Link href="/slos/new">{t("add")}</Link>
        </div>
      </div>
      <Failure error={slos.error} />
      <Panel note={overview("worstFirst")} title={t("count", { count: items.length })}>
        {slos.data !== undefined && items.length === 0 ? (
          <Nothing>{t("none")}</Nothing>
        ) : (
          <SlosTable slos={worstFirst(items)} />
        )}
      </Panel>
    </>
  );
}

function SlosTable({ slos }: { readonly slos: readonly SloItem[] }) {
  const t = useTranslations("slos");
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          <th scope="col">{t("objective")}</th>
          <th scope="col">{t("state")}</th>
          <th className={table["number"]} scope="col">
            {t("target")}
          </th>
          <th className={table["number"]} scope="col" title={t("remainingMeaning")}>
            {t("remaining")}
          </th>
          <th className={table["number"]} scope="col" title={t("burnMeaning")}>
            {t("burn")}
          </th>
          <th className={table["number"]} scope="col" title={t("exhaustedMeaning")}>
            {t("exhausted")}
          </th>
        </tr>
      </thead>
      <tbody>
        {slos.map((slo) => (
          <SloRow key={slo.key} slo={slo} />
        ))}
      </tbody>
    </table>
  );
}

function SloRow({ slo }: { readonly slo: SloItem }) {
  const t = useTranslations("slos");
  const formats = useFormats();
  const words = useSloWords();
  const { definition, status, firing } = slo;
  return (
    <tr>
      <th scope="row">
        <span className={table["name"]}>
          <Link href={`/slos/${slo.key}`} prefetch={false}>
            {definition.name}
          </Link>
        </span>
        <span className={styles["sub"]}>
          {words.what(definition)} · {words.window(definition)}
          {firing === 0 ? null : ` · ${t("firing", { count: firing })}`}
        </span>
      </th>
      <td data-label={t("state")}>
        <SloStateMark state={stateOf(slo)} />
      </td>
      <Measure label={t("target")} text={percentOf(definition.objectivePpm)} />
      <Measure
        label={t("remaining")}
        text={signedShare(status?.remaining, formats)}
        tone={toneOf(slo)}
      />
      <Measure label={t("burn")} text={factorText(status?.burn)} />
      <Measure
        label={t("exhausted")}
        text={status === null ? null : words.pace(status.exhaustedInSeconds)}
      />
    </tr>
  );
}

function toneOf(slo: SloItem): Tone {
  const tones = { exhausted: "bad", at_risk: "warn", healthy: "plain", no_data: "plain" } as const;
  return tones[stateOf(slo)];
}
