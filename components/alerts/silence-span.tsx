"use client";

import { useTranslations } from "next-intl";
import { useId } from "react";

import { useFormats } from "../format/use-formats.ts";
import { useLocalTime } from "../window/use-local-time.ts";
import type { SpanDraft } from "./prepare-silence.ts";

import form from "../ui/form.module.css";

interface SilenceSpanProps {
  readonly draft: SpanDraft;
  /** When it began; null for one that has not. */
  readonly begunMs: number | null;
  readonly onChange: (draft: SpanDraft) => void;
}

const durations = [1_800, 3_600, 7_200, 14_400, 86_400, 259_200] as const;
const laterMs = 3_600_000;
const untilMs = 7_200_000;

/** From when, and for how long or until when. */
export function SilenceSpan(props: SilenceSpanProps) {
  return (
    <>
      <Start {...props} />
      <Length {...props} />
    </>
  );
}

function Start({ draft, begunMs, onChange }: SilenceSpanProps) {
  const t = useTranslations("silence");
  const formats = useFormats();
  const { toInput } = useLocalTime();
  const name = useId();
  const now = begunMs === null ? t("now") : t("begun", { at: formats.absolute(begunMs) });
  return (
    <fieldset className={form["fieldset"]}>
      <legend>{t("begins")}</legend>
      <div className={form["choices"]}>
        <Radio
          checked={draft.starts === null}
          label={now}
          name={name}
          onChoose={() => onChange({ ...draft, starts: null })}
        />
        <Radio
          checked={draft.starts !== null}
          label={t("later")}
          name={name}
          onChoose={() => onChange({ ...draft, starts: toInput(Date.now() + laterMs) })}
        />
        {draft.starts === null ? null : (
          <Time
            label={t("beginsAt")}
            onChange={(starts) => onChange({ ...draft, starts })}
            value={draft.starts}
          />
        )}
      </div>
    </fieldset>
  );
}

function Length({ draft, onChange }: SilenceSpanProps) {
  const t = useTranslations("silence");
  const formats = useFormats();
  const { toInput, fromInput } = useLocalTime();
  const name = useId();
  const { starts, lasts } = draft;
  const fromMs = () => (starts === null ? Date.now() : (fromInput(starts) ?? Date.now()));
  return (
    <fieldset className={form["fieldset"]}>
      <legend>{t("duration")}</legend>
      <div className={form["choices"]}>
        {durations.map((choice) => (
          <Radio
            checked={lasts === choice}
            key={choice}
            label={formats.step(choice)}
            name={name}
            onChoose={() => onChange({ ...draft, lasts: choice })}
          />
        ))}
        <Radio
          checked={typeof lasts === "string"}
          label={t("until")}
          name={name}
          onChoose={() => onChange({ ...draft, lasts: toInput(fromMs() + untilMs) })}
        />
        {typeof lasts === "string" ? (
          <Time
            label={t("endsAt")}
            onChange={(text) => onChange({ ...draft, lasts: text })}
            value={lasts}
          />
        ) : null}
      </div>
    </fieldset>
  );
}

interface RadioProps {
  readonly name: string;
  readonly label: string;
  readonly checked: boolean;
  readonly onChoose: () => void;
}

function Radio({ name, label, checked, onChoose }: RadioProps) {
  return (
    <label className={form["check"]}>
      <input checked={checked} name={name} onChange={onChoose} type="radio" />
      {label}
    </label>
  );
}

interface TimeProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
}

function Time({ label, value, onChange }: TimeProps) {
  return (
    <input
      aria-label={label}
      className={form["time"]}
      onChange={(event) => onChange(event.target.value)}
      required
      type="datetime-local"
      value={value}
    />
  );
}
