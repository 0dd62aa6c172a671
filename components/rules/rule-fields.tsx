"use client";

import { useTranslations } from "next-intl";

import { noDataPolicies } from "#lib/core/alert.ts";
import { ruleSubjects } from "#lib/core/rule.ts";
import { severities } from "#lib/core/severity.ts";

import { Field } from "../ui/field.tsx";
import { ExpressionField } from "./expression-field.tsx";
import { LabelFields } from "./label-fields.tsx";
import { hasPlaces, spanOf, type RuleDraft } from "./prepare-rule.ts";

import form from "../ui/form.module.css";

interface RuleFieldsProps {
  readonly draft: RuleDraft;
  readonly onChange: (part: Partial<RuleDraft>) => void;
}

/** What a rule consists of, from what it says to how long it waits. */
export function RuleFields({ draft, onChange }: RuleFieldsProps) {
  const t = useTranslations("rule");
  return (
    <>
      <Field label={t("name")}>
        <input
          maxLength={120}
          onChange={(event) => onChange({ name: event.target.value })}
          required
          value={draft.name}
        />
      </Field>
      <Field label={t("description")}>
        <textarea
          maxLength={2_000}
          onChange={(event) => onChange({ description: event.target.value })}
          rows={2}
          value={draft.description}
        />
      </Field>
      <Choices draft={draft} onChange={onChange} />
      <ExpressionField
        hint={t("whenHint")}
        label={t("when")}
        onChange={(when) => onChange({ when })}
        per={draft.per}
        value={draft.when}
      />
      <ExpressionField
        hint={t("recoverHint")}
        label={t("recoverWhen")}
        onChange={(recoverWhen) => onChange({ recoverWhen })}
        per={draft.per}
        value={draft.recoverWhen}
      />
      <Times draft={draft} onChange={onChange} />
      <Field hint={t("minRequestsHint")} label={t("minRequests")}>
        <input
          min={0}
          onChange={(event) => onChange({ minRequests: event.target.value })}
          required
          step={1}
          type="number"
          value={draft.minRequests}
        />
      </Field>
      <Places draft={draft} onChange={onChange} />
      <LabelFields labels={draft.labels} onChange={(labels) => onChange({ labels })} />
      <Field hint={t("runbookHint")} label={t("runbook")}>
        <input
          onChange={(event) => onChange({ runbookUrl: event.target.value })}
          placeholder="https://"
          type="url"
          value={draft.runbookUrl}
        />
      </Field>
    </>
  );
}

function Choices({ draft, onChange }: RuleFieldsProps) {
  const t = useTranslations("rule");
  const subject = useTranslations("ruleSubject");
  const severity = useTranslations("severity");
  const noData = useTranslations("noData");
  return (
    <div className={form["pair"]}>
      <Choice
        label={t("per")}
        onChange={(per) => onChange({ per })}
        options={ruleSubjects}
        value={draft.per}
        word={subject}
      />
      <Choice
        hint={t("severityHint")}
        label={t("severity")}
        onChange={(chosen) => onChange({ severity: chosen })}
        options={severities}
        value={draft.severity}
        word={severity}
      />
      <Choice
        hint={t("noDataHint")}
        label={t("noData")}
        onChange={(onNoData) => onChange({ onNoData })}
        options={noDataPolicies}
        value={draft.onNoData}
        word={noData}
      />
    </div>
  );
}

interface ChoiceProps<Option extends string> {
  readonly label: string;
  readonly hint?: string;
  readonly options: readonly Option[];
  readonly value: Option;
  readonly word: (option: Option) => string;
  readonly onChange: (option: Option) => void;
}

function Choice<Option extends string>(props: ChoiceProps<Option>) {
  const { label, hint, options, value, word, onChange } = props;
  return (
    <Field hint={hint} label={label}>
      <select
        onChange={(event) => {
          const chosen = options.find((option) => option === event.target.value);
          if (chosen !== undefined) onChange(chosen);
        }}
        value={value}
      >
        {options.map((option) => (
          <option key={option} value={option}>
            {word(option)}
          </option>
        ))}
      </select>
    </Field>
  );
}

const times = [
  { name: "holds", hint: "holdsHint" },
  { name: "keepsFiring", hint: "keepsFiringHint" },
] as const;

/** How long a rule waits, both before it fires and before it resolves. */
function Times({ draft, onChange }: RuleFieldsProps) {
  const t = useTranslations("rule");
  return (
    <div className={form["pair"]}>
      {times.map(({ name, hint }) => {
        const wrong = spanOf(draft[name]) === null;
        return (
          <Field hint={wrong ? t("spanWrong") : t(hint)} key={name} label={t(name)} wrong={wrong}>
            <input
              aria-invalid={wrong}
              maxLength={40}
              onChange={(event) => onChange({ [name]: event.target.value })}
              required
              value={draft[name]}
            />
          </Field>
        );
      })}
    </div>
  );
}

function Places({ draft, onChange }: RuleFieldsProps) {
  const t = useTranslations("rule");
  if (!hasPlaces(draft)) return null;
  return (
    <div className={form["pair"]}>
      <Field hint={t("patternHint")} label={t("proxy")}>
        <input
          onChange={(event) => onChange({ proxy: event.target.value })}
          placeholder={t("all")}
          value={draft.proxy}
        />
      </Field>
      {draft.per === "upstream" ? (
        <Field hint={t("patternHint")} label={t("upstream")}>
          <input
            onChange={(event) => onChange({ upstream: event.target.value })}
            placeholder={t("all")}
            value={draft.upstream}
          />
        </Field>
      ) : null}
    </div>
  );
}
