"use client";

import { useLocale, useTranslations } from "next-intl";

import type { SloAnswer } from "#lib/contract/slos.ts";

import { useFormats } from "../format/use-formats.ts";
import { Measure } from "../ui/measure.tsx";
import { Moment } from "../ui/moment.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { factorText, signedShare } from "./prepare-slo.ts";

import table from "../ui/table.module.css";

/** How fast the budget burns over each pair of windows, beside the factor that alerts. */
export function BurnRates({ rates }: { readonly rates: SloAnswer["burnRates"] }) {
  const t = useTranslations("slo");
  const words = useTranslations("sloWords");
  const formats = useFormats();
  return (
    <Panel note={t("burnRatesNote")} title={t("burnRates")}>
      {rates.length === 0 ? (
        <Nothing>{t("noRates")}</Nothing>
      ) : (
        <table className={`${table["table"]} ${table["cards"]}`}>
          <thead>
            <tr>
              <th scope="col">{t("windows")}</th>
              <th className={table["number"]} scope="col">
                {t("long")}
              </th>
              <th className={table["number"]} scope="col">
                {t("short")}
              </th>
              <th className={table["number"]} scope="col">
                {t("factor")}
              </th>
            </tr>
          </thead>
          <tbody>
            {rates.map((rate) => (
              <tr key={`${rate.severity} ${rate.longSeconds}`}>
                <th scope="row">
                  {formats.step(rate.longSeconds)} / {formats.step(rate.shortSeconds)} ·{" "}
                  {words(rate.severity)}
                </th>
                <Measure
                  label={t("long")}
                  text={factorText(rate.long)}
                  tone={(rate.long ?? 0) > rate.factor ? "bad" : "plain"}
                />
                <Measure
                  label={t("short")}
                  text={factorText(rate.short)}
                  tone={(rate.short ?? 0) > rate.factor ? "bad" : "plain"}
                />
                <Measure label={t("factor")} text={factorText(rate.factor)} />
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

interface HistoryProps {
  readonly slo: Pick<SloAnswer, "history" | "definition">;
  readonly nowMs: number;
}

/** How the periods before ended. */
export function History({ slo, nowMs }: HistoryProps) {
  const t = useTranslations("slo");
  const formats = useFormats();
  const monthOf = useMonthName(slo);
  const counted = slo.history.filter(({ total }) => total > 0);
  return (
    <Panel title={monthOf === null ? t("history") : t("months")}>
      {counted.length === 0 ? (
        <Nothing>{t("noHistory")}</Nothing>
      ) : (
        <table className={`${table["table"]} ${table["cards"]}`}>
          <thead>
            <tr>
              <th scope="col">{t("period")}</th>
              <th className={table["number"]} scope="col">
                {t("total")}
              </th>
              <th className={table["number"]} scope="col">
                {t("bad")}
              </th>
              <th className={table["number"]} scope="col">
                {t("left")}
              </th>
            </tr>
          </thead>
          <tbody>
            {counted.map(({ from, to, total, bad, remaining }) => (
              <tr key={from}>
                <th scope="row">
                  {monthOf === null ? (
                    <>
                      <Moment nowMs={nowMs} timeMs={Date.parse(from)} /> –{" "}
                      <Moment nowMs={nowMs} timeMs={Date.parse(to)} />
                    </>
                  ) : (
                    <time
                      dateTime={from}
                      title={`${formats.absolute(Date.parse(from))} – ${formats.absolute(Date.parse(to))}`}
                    >
                      {monthOf(Date.parse(from))}
                    </time>
                  )}
                </th>
                <Measure label={t("total")} text={formats.exact(total)} />
                <Measure label={t("bad")} text={formats.exact(bad)} />
                <Measure
                  label={t("left")}
                  text={signedShare(remaining, formats)}
                  tone={(remaining ?? 0) < 0 ? "bad" : "plain"}
                />
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

/** Names the months of a history, on the clock that they are counted by; null where its periods are no months. */
function useMonthName({ definition: { window } }: HistoryProps["slo"]) {
  const locale = useLocale();
  if (window.kind === "calendar" && window.unit !== "month") return null;
  const timeZone = window.kind === "calendar" ? window.zone : "UTC";
  const format = new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone });
  return (timeMs: number): string => format.format(timeMs);
}
