"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";

import type { SloAnswer } from "#lib/contract/slos.ts";

import { useFormats } from "../format/use-formats.ts";
import { Failure } from "../ui/failure.tsx";
import { Figure } from "../ui/figure.tsx";
import { Moment } from "../ui/moment.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { BurnDownChart } from "./burn-down.tsx";
import { Corrections } from "./corrections.tsx";
import { eventsText, factorText, percentOf, signedShare, stateOf } from "./prepare-slo.ts";
import { sloQuestion } from "./slo-questions.ts";
import { SloStateMark } from "./slo-state.tsx";
import { BurnRates, History } from "./slo-tables.tsx";
import { Spenders } from "./spenders.tsx";
import { useSloWords } from "./use-slo-words.ts";

import styles from "./slos.module.css";

interface SloPageProps {
  readonly sloKey: string;
  readonly nowMs: number;
}

/** One objective: its numbers and how they come about, its burn-down, its burn rates, and what spent the budget. */
export function SloPage({ sloKey, nowMs }: SloPageProps) {
  const t = useTranslations("slo");
  const { data, error } = useQuery(sloQuestion(sloKey));
  if (data === undefined) return <Failure error={error} />;
  return (
    <>
      <Head slo={data} />
      <Failure error={error} />
      {data.status === null ? (
        <Nothing>{t("nothingYet")}</Nothing>
      ) : (
        <Numbers nowMs={nowMs} status={data.status} unit={unitOf(data)} />
      )}
      {data.status === null || data.burnDown.length === 0 ? null : (
        <Panel note={t("burnDownNote")} title={t("burnDown")}>
          <BurnDownChart slo={{ ...data, status: data.status }} />
        </Panel>
      )}
      <Spenders nowMs={nowMs} slo={data} />
      <div className={styles["columns"]}>
        {data.status === null ? null : <BurnRates rates={data.burnRates} />}
        <History nowMs={nowMs} slo={data} />
      </div>
      <Corrections corrections={data.corrections} nowMs={nowMs} sloKey={sloKey} />
    </>
  );
}

function Head({ slo }: { readonly slo: SloAnswer }) {
  const t = useTranslations("slo");
  const words = useSloWords();
  const { definition } = slo;
  return (
    <div className={styles["head"]}>
      <div>
        <h1>{definition.name}</h1>
        <p>
          <SloStateMark state={stateOf(slo)} /> {percentOf(definition.objectivePpm)} ·{" "}
          {words.what(definition)} · {words.window(definition)}
        </p>
        {definition.description === "" ? null : <p>{definition.description}</p>}
      </div>
      <div className={styles["links"]}>
        {definition.runbookUrl === null ? null : (
          <a href={definition.runbookUrl} rel="noreferrer">
            {t("runbook")}
          </a>
        )}
        <Link href={`/slos/${slo.key}/edit`}>{t("edit")}</Link>
        <Link href="/slos">{t("back")}</Link>
      </div>
    </div>
  );
}

function unitOf({ definition }: SloAnswer): "events" | "slices" {
  return definition.budgeting.kind === "timeslices" ? "slices" : "events";
}

interface NumbersProps {
  readonly status: NonNullable<SloAnswer["status"]>;
  readonly nowMs: number;
}

const yearSeconds = 366 * 86_400;

const figureTones = {
  exhausted: "bad",
  at_risk: "warn",
  healthy: "plain",
  no_data: "plain",
} as const;

function Numbers({ status, nowMs, unit }: NumbersProps & { readonly unit: "events" | "slices" }) {
  const t = useTranslations("slo");
  const slos = useTranslations("slos");
  const formats = useFormats();
  const left = signedShare(status.remaining, formats) ?? "–";
  return (
    <>
      <dl className={styles["figures"]}>
        <Figure
          label={slos("remaining")}
          note={t(unit, { count: eventsText(status.remainingEvents, formats.exact) })}
          tone={figureTones[status.state]}
          value={left}
        />
        <Figure label={t("bad")} value={formats.exact(status.bad)} />
        <Figure label={t("total")} value={formats.exact(status.total)} />
        <Figure label={t("allowed")} value={eventsText(status.allowedBad, formats.exact)} />
        <Figure label={slos("burn")} value={factorText(status.burn) ?? "–"} />
        <Exhausted nowMs={nowMs} status={status} />
        <Figure
          label={t("coverage")}
          note={t("coverageNote")}
          value={formats.ratio(status.coverage)}
        />
      </dl>
      <p className={styles["formula"]}>
        {status.formula} {t("counted")} <Moment nowMs={nowMs} timeMs={Date.parse(status.from)} /> –{" "}
        <Moment nowMs={nowMs} timeMs={Date.parse(status.to)} />
      </p>
      <Counting nowMs={nowMs} status={status} />
    </>
  );
}

/** In how long the budget is used up at this pace, and when that is. */
function Exhausted({ status, nowMs }: NumbersProps) {
  const t = useTranslations("slo");
  const formats = useFormats();
  const words = useSloWords();
  const { exhaustedInSeconds: seconds, to } = status;
  const atMs = Date.parse(to) + (seconds ?? 0) * 1_000;
  const isAhead = seconds !== null && seconds > 0 && seconds < yearSeconds;
  return (
    <Figure
      label={t("exhausted")}
      note={isAhead ? formats.moment(atMs, nowMs) : t("pace")}
      title={isAhead ? formats.absolute(atMs) : undefined}
      value={words.pace(seconds)}
    />
  );
}

/** From when on the requests of modules are counted, where that is not as long as the window. */
function Counting({ status, nowMs }: NumbersProps) {
  const t = useTranslations("slo");
  if (status.isFilling) return <p className={styles["formula"]}>{t("counting")}</p>;
  const { countedFrom, from } = status;
  if (countedFrom === null || Date.parse(countedFrom) <= Date.parse(from)) return null;
  return (
    <p className={styles["formula"]}>
      {t("countedSince")} <Moment nowMs={nowMs} timeMs={Date.parse(countedFrom)} />.
    </p>
  );
}
