"use client";

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";

import type { Matcher, Silence } from "#lib/contract/silences.ts";

import { send } from "../data/send.ts";
import { useFormats } from "../format/use-formats.ts";
import { matchersIn, matchersText } from "../notifications/matcher-text.ts";
import { Field } from "../ui/field.tsx";
import { Refused } from "../ui/refused.tsx";
import { useAuthor } from "./use-author.ts";

import form from "../ui/form.module.css";

interface SilenceFormProps {
  readonly matchers: readonly Matcher[];
  readonly onDone: (silence: Silence) => void;
}

const durations = [1_800, 3_600, 7_200, 14_400, 86_400, 259_200] as const;

/** Mutes the notifications of what matches, for a while, with a reason. Everything is filled in already. */
export function SilenceForm({ matchers, onDone }: SilenceFormProps) {
  const t = useTranslations("silence");
  const [text, setText] = useState(() => matchersText(matchers));
  const [reason, setReason] = useState(t("reasonGiven"));
  const [seconds, setSeconds] = useState<number>(7_200);
  const { author, setAuthor, signed } = useAuthor();
  const begin = useSilence(onDone);
  const wanted = matchersIn(text);
  return (
    <form
      className={form["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted !== null) begin.mutate({ matchers: wanted, seconds, author: signed, reason });
      }}
    >
      <Durations onChoose={setSeconds} seconds={seconds} />
      <Field hint={wanted === null ? t("unreadable") : t("matchersHint")} label={t("matchers")}>
        <textarea
          aria-invalid={wanted === null}
          onChange={(event) => setText(event.target.value)}
          required
          rows={2}
          spellCheck={false}
          value={text}
        />
      </Field>
      <div className={form["pair"]}>
        <Field label={t("reason")}>
          <input
            maxLength={2_000}
            onChange={(event) => setReason(event.target.value)}
            required
            value={reason}
          />
        </Field>
        <Field label={t("author")}>
          <input
            autoComplete="name"
            maxLength={120}
            onChange={(event) => setAuthor(event.target.value)}
            placeholder={t("authorHint")}
            value={author}
          />
        </Field>
      </div>
      <Refused error={begin.error} />
      <div className={form["actions"]}>
        <Submit disabled={wanted === null} loading={begin.isPending} seconds={seconds} />
      </div>
    </form>
  );
}

interface DurationsProps {
  readonly seconds: number;
  readonly onChoose: (seconds: number) => void;
}

function Durations({ seconds, onChoose }: DurationsProps) {
  const t = useTranslations("silence");
  const formats = useFormats();
  return (
    <fieldset className={form["fieldset"]}>
      <legend>{t("duration")}</legend>
      <div className={form["choices"]}>
        {durations.map((choice) => (
          <label className={form["check"]} key={choice}>
            <input
              checked={seconds === choice}
              name="duration"
              onChange={() => onChoose(choice)}
              type="radio"
            />
            {formats.step(choice)}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface SubmitProps {
  readonly seconds: number;
  readonly disabled: boolean;
  readonly loading: boolean;
}

function Submit({ seconds, disabled, loading }: SubmitProps) {
  const t = useTranslations("silence");
  const formats = useFormats();
  return (
    <Button disabled={disabled} loading={loading} size="compact-md" type="submit">
      {t("begin", { span: formats.step(seconds) })}
    </Button>
  );
}

interface Wanted {
  readonly matchers: readonly Matcher[];
  readonly seconds: number;
  readonly author: string;
  readonly reason: string;
}

function useSilence(onDone: (silence: Silence) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ seconds, ...wanted }: Wanted) => {
      const nowMs = Date.now();
      const [startsAt, endsAt] = [nowMs, nowMs + seconds * 1_000].map((ms) =>
        new Date(ms).toISOString(),
      );
      return send("POST", "silences", { ...wanted, startsAt, endsAt }, async () => {
        return (await import("#lib/contract/silences.ts")).silence;
      });
    },
    onSuccess: async (silence) => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ["alerts"] }),
        queries.invalidateQueries({ queryKey: ["silences"] }),
      ]);
      onDone(silence);
    },
  });
}
