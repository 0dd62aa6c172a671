"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";

import { labelProblem, type LabelDraft } from "./prepare-rule.ts";

import form from "../ui/form.module.css";
import styles from "./rules.module.css";

interface LabelFieldsProps {
  readonly labels: readonly LabelDraft[];
  readonly onChange: (labels: readonly LabelDraft[]) => void;
}

const labelsMax = 20;

/** Labels that every alert of the rule gets, for routes and silences to match. */
export function LabelFields({ labels, onChange }: LabelFieldsProps) {
  const t = useTranslations("rule");
  return (
    <fieldset className={form["fieldset"]}>
      <legend>{t("labels")}</legend>
      <p className={form["hint"]}>{t("labelsHint")}</p>
      {labels.map((label, place) => (
        <LabelRow
          // Rows have nothing but their place to be known by: both texts change while one types.
          key={`label ${String(place)}`}
          label={label}
          labels={labels}
          onChange={(next) => onChange(labels.with(place, next))}
          onRemove={() => onChange(labels.toSpliced(place, 1))}
        />
      ))}
      <div className={form["actions"]}>
        <Button
          disabled={labels.length >= labelsMax}
          onClick={() => onChange([...labels, { name: "", value: "" }])}
          size="compact-sm"
          variant="default"
        >
          {t("addLabel")}
        </Button>
      </div>
    </fieldset>
  );
}

interface LabelRowProps {
  readonly label: LabelDraft;
  readonly labels: readonly LabelDraft[];
  readonly onChange: (label: LabelDraft) => void;
  readonly onRemove: () => void;
}

function LabelRow({ label, labels, onChange, onRemove }: LabelRowProps) {
  const t = useTranslations("rule");
  const problem = labelProblem(label, labels);
  return (
    <div>
      <div className={styles["label"]}>
        <input
          aria-invalid={problem !== null}
          aria-label={t("labelName")}
          maxLength={100}
          onChange={(event) => onChange({ ...label, name: event.target.value })}
          placeholder="team"
          spellCheck={false}
          value={label.name}
        />
        <span aria-hidden="true">=</span>
        <input
          aria-label={t("labelValue", { name: label.name })}
          maxLength={400}
          onChange={(event) => onChange({ ...label, value: event.target.value })}
          placeholder="infra"
          spellCheck={false}
          value={label.value}
        />
        <Button
          aria-label={t("removeLabel", { name: label.name })}
          color="gray"
          onClick={onRemove}
          size="compact-sm"
          variant="default"
        >
          {t("remove")}
        </Button>
      </div>
      <div aria-live="polite">
        {problem === null ? null : (
          <span className={form["hint"]} data-wrong>
            {t(`labelWrong.${problem}`, { name: label.name.trim() })}
          </span>
        )}
      </div>
    </div>
  );
}
