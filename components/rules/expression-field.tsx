"use client";

import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useId, useState } from "react";

import type { CatalogueAnswer, CheckAnswer } from "#lib/contract/rules.ts";
import type { RuleSubject } from "#lib/core/rule.ts";

import { completions } from "./prepare-rule.ts";
import { catalogueQuestion, checkQuestion } from "./rule-questions.ts";

import form from "../ui/form.module.css";
import styles from "./rules.module.css";

interface ExpressionFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly per: RuleSubject;
  readonly onChange: (text: string) => void;
}

/** An expression, checked as one types: what is wrong is said and marked at its column; names are offered. */
export function ExpressionField({ label, hint, value, per, onChange }: ExpressionFieldProps) {
  const id = useId();
  const [caret, setCaret] = useState(0);
  const catalogue = useQuery(catalogueQuestion());
  const problem = useProblem(value, per);
  const offer = completions(value, caret, namesOf(catalogue.data, per));
  return (
    <div className={form["field"]}>
      <label className={form["label"]} htmlFor={id}>
        {label}
      </label>
      <textarea
        aria-describedby={`${id}-said`}
        aria-invalid={problem !== null}
        id={id}
        maxLength={2_000}
        onChange={(event) => {
          onChange(event.target.value);
          setCaret(event.target.selectionStart);
        }}
        rows={2}
        spellCheck={false}
        value={value}
      />
      <div aria-live="polite" id={`${id}-said`}>
        {problem === null ? (
          <span className={form["hint"]}>{hint}</span>
        ) : (
          <Wrong problem={problem} text={value} />
        )}
      </div>
      <Offers
        names={offer.names}
        onChoose={(name) => {
          onChange(`${value.slice(0, offer.from)}${name}${value.slice(caret)}`);
          setCaret(offer.from + name.length);
        }}
      />
    </div>
  );
}

type Problem = NonNullable<CheckAnswer["problem"]>;

/** What is wrong with the text as it stands now; null while that is not known yet. */
function useProblem(value: string, per: RuleSubject): Problem | null {
  const [text] = useDebouncedValue(value, 200);
  const check = useQuery({ ...checkQuestion(text, per), enabled: text.trim() !== "" });
  return text === value ? (check.data?.problem ?? null) : null;
}

function Wrong({ problem, text }: { readonly problem: Problem; readonly text: string }) {
  const t = useTranslations("rule");
  const { from, to, line, column, message } = problem;
  return (
    <div className={styles["wrong"]}>
      <p>{t("wrong", { line, column, message })}</p>
      <pre aria-hidden="true">
        {text.slice(0, from)}
        <mark>{text.slice(from, Math.max(to, from + 1)) || " "}</mark>
        {text.slice(Math.max(to, from + 1))}
      </pre>
    </div>
  );
}

interface OffersProps {
  readonly names: readonly string[];
  readonly onChoose: (name: string) => void;
}

function Offers({ names, onChoose }: OffersProps) {
  const t = useTranslations("rule");
  if (names.length === 0) return null;
  return (
    <ul aria-label={t("names")} className={styles["offers"]}>
      {names.map((name) => (
        <li key={name}>
          <button onClick={() => onChoose(name)} type="button">
            {name}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Everything that can be named, with the windows that metrics are read over. */
function namesOf(catalogue: CatalogueAnswer | undefined, per: RuleSubject): string[] {
  if (catalogue === undefined) return [];
  const { metrics, windows } = catalogue;
  return metrics
    .filter(({ subjects }) => subjects.includes(per))
    .flatMap(({ name, windowed }) =>
      windowed ? windows.map((window) => `${name}_${window.replace(/^_/, "")}`) : [name],
    );
}
