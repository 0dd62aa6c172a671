"use client";

import { useTranslations } from "next-intl";

import { calendarUnits } from "#lib/core/calendar.ts";
import { modulePrefixLengthMax } from "#lib/core/module-prefix.ts";
import { moduleEndpoints } from "#lib/core/module-request.ts";
import { sliceWidths, sloIndicators } from "#lib/core/slo-definition.ts";

import { useFormats } from "../format/use-formats.ts";
import { Field } from "../ui/field.tsx";
import type { SloDraft } from "./prepare-slo-form.ts";

import form from "../ui/form.module.css";

interface PartProps {
  readonly draft: SloDraft;
  readonly change: (part: Partial<SloDraft>) => void;
}

/** What is good, and of whose traffic. */
export function ScopeFields({ draft, change }: PartProps) {
  const t = useTranslations("sloForm");
  const indicators = useTranslations("sloIndicator");
  return (
    <>
      <div className={form["pair"]}>
        <Field label={t("indicator")}>
          <select
            onChange={(event) => {
              const indicator = sloIndicators.find((each) => each === event.target.value);
              if (indicator !== undefined) change(withIndicator(indicator));
            }}
            value={draft.indicator}
          >
            {sloIndicators.map((each) => (
              <option key={each} value={each}>
                {indicators(each)}
              </option>
            ))}
          </select>
        </Field>
        {draft.indicator === "latency" ? (
          <Field label={t("threshold")}>
            <input
              min={1}
              onChange={(event) => change({ thresholdMs: event.target.value })}
              required
              type="number"
              value={draft.thresholdMs}
            />
          </Field>
        ) : null}
      </div>
      <PlaceFields change={change} draft={draft} />
    </>
  );
}

function PlaceFields({ draft, change }: PartProps) {
  const t = useTranslations("sloForm");
  return (
    <>
      <div className={form["pair"]}>
        <Field hint={t("empty")} label={t("proxy")}>
          <input onChange={(event) => change({ proxy: event.target.value })} value={draft.proxy} />
        </Field>
        <Field hint={t("empty")} label={t("upstream")}>
          <input
            onChange={(event) => change({ upstream: event.target.value })}
            value={draft.upstream}
          />
        </Field>
      </div>
      <div className={form["pair"]}>
        <Field hint={t("moduleHint")} label={t("module")}>
          <input
            maxLength={modulePrefixLengthMax}
            onChange={(event) => change({ module: event.target.value })}
            value={draft.module}
          />
        </Field>
        <Field label={t("endpoint")}>
          <select
            onChange={(event) => change({ endpoint: event.target.value })}
            value={draft.endpoint}
          >
            <option value="">{t("allEndpoints")}</option>
            {moduleEndpoints.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </Field>
      </div>
    </>
  );
}

/** Freshness is judged in slices of time only. */
function withIndicator(indicator: SloDraft["indicator"]): Partial<SloDraft> {
  return indicator === "freshness" ? { indicator, budgeting: "timeslices" } : { indicator };
}

/** Over which time. */
export function WindowFields({ draft, change }: PartProps) {
  const t = useTranslations("sloForm");
  return (
    <div className={form["pair"]}>
      <Field label={t("window")}>
        <select
          onChange={(event) =>
            change({ window: event.target.value === "calendar" ? "calendar" : "rolling" })
          }
          value={draft.window}
        >
          <option value="rolling">{t("rolling")}</option>
          <option value="calendar">{t("calendar")}</option>
        </select>
      </Field>
      {draft.window === "rolling" ? (
        <Field label={t("days")}>
          <input
            max={366}
            min={1}
            onChange={(event) => change({ days: event.target.value })}
            required
            type="number"
            value={draft.days}
          />
        </Field>
      ) : (
        <CalendarFields change={change} draft={draft} />
      )}
    </div>
  );
}

function CalendarFields({ draft, change }: PartProps) {
  const t = useTranslations("sloForm");
  const words = useTranslations("sloWords");
  return (
    <>
      <Field label={t("unit")}>
        <select
          onChange={(event) => {
            const unit = calendarUnits.find((each) => each === event.target.value);
            if (unit !== undefined) change({ unit });
          }}
          value={draft.unit}
        >
          {calendarUnits.map((each) => (
            <option key={each} value={each}>
              {words(each)}
            </option>
          ))}
        </select>
      </Field>
      <Field hint={t("zoneHint")} label={t("zone")}>
        <input
          onChange={(event) => change({ zone: event.target.value })}
          required
          value={draft.zone}
        />
      </Field>
    </>
  );
}

/** Whether events count one by one, or slices of time as a whole. */
export function BudgetingFields({ draft, change }: PartProps) {
  const t = useTranslations("sloForm");
  const formats = useFormats();
  return (
    <div className={form["pair"]}>
      <Field label={t("budgeting")}>
        <select
          onChange={(event) =>
            change({
              budgeting: event.target.value === "timeslices" ? "timeslices" : "occurrences",
            })
          }
          value={draft.budgeting}
        >
          <option value="occurrences">{t("occurrences")}</option>
          <option value="timeslices">{t("timeslices")}</option>
        </select>
      </Field>
      {draft.budgeting === "occurrences" ? null : (
        <>
          <Field label={t("slice")}>
            <select
              onChange={(event) => change({ sliceSeconds: event.target.value })}
              value={draft.sliceSeconds}
            >
              {sliceWidths.map((width) => (
                <option key={width} value={width}>
                  {formats.step(width)}
                </option>
              ))}
            </select>
          </Field>
          <Field label={t("sliceTarget")}>
            <input
              max={99.9999}
              min={0.0001}
              onChange={(event) => change({ slicePercent: event.target.value })}
              required
              step="any"
              type="number"
              value={draft.slicePercent}
            />
          </Field>
        </>
      )}
    </div>
  );
}
