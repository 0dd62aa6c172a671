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
import { useLocalTime } from "../window/use-local-time.ts";
import { newSpan, spanDraftOf, spanOfDraft, type Span, type SpanDraft } from "./prepare-silence.ts";
import { SilenceSpan } from "./silence-span.tsx";
import { useAuthor } from "./use-author.ts";

import form from "../ui/form.module.css";

interface SilenceFormProps {
  readonly matchers: readonly Matcher[];
  /** The silence that is changed; a new one without it. */
  readonly silence?: Silence;
  readonly onDone: (silence: Silence) => void;
}

/** Mutes the notifications of what matches, for a while, with a reason. Everything is filled in already. */
export function SilenceForm({ matchers, silence, onDone }: SilenceFormProps) {
  const t = useTranslations("silence");
  const { toInput, fromInput } = useLocalTime();
  const [text, setText] = useState(() => matchersText(matchers));
  const [reason, setReason] = useState(silence?.reason ?? t("reasonGiven"));
  const [draft, setDraft] = useState<SpanDraft>(() =>
    silence === undefined ? newSpan : spanDraftOf(silence, toInput),
  );
  const { author, setAuthor, signed } = useAuthor();
  const save = useSilence(silence, onDone);
  const wanted = matchersIn(text);
  const begunMs = silence?.state === "active" ? Date.parse(silence.startsAt) : null;
  const spanNow = () => spanOfDraft(draft, fromInput, { nowMs: Date.now(), begunMs });
  const [problem, setProblem] = useState<Exclude<ReturnType<typeof spanNow>, Span> | null>(null);
  return (
    <form
      className={form["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        const span = spanNow();
        setProblem(typeof span === "string" ? span : null);
        if (wanted === null || typeof span === "string") return;
        save.mutate({ matchers: wanted, ...span, author: signed, reason });
      }}
    >
      <SilenceSpan begunMs={begunMs} draft={draft} onChange={setDraft} />
      <Matchers onChange={setText} text={text} wrong={wanted === null} />
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
      <div aria-live="assertive">
        {problem === null ? null : <p className={form["refused"]}>{t(`wrong.${problem}`)}</p>}
      </div>
      <Refused error={save.error} />
      <div className={form["actions"]}>
        <Button disabled={wanted === null} loading={save.isPending} size="compact-md" type="submit">
          <SubmitWord draft={draft} isNew={silence === undefined} />
        </Button>
      </div>
    </form>
  );
}

interface MatchersProps {
  readonly text: string;
  readonly wrong: boolean;
  readonly onChange: (text: string) => void;
}

function Matchers({ text, wrong, onChange }: MatchersProps) {
  const t = useTranslations("silence");
  return (
    <Field hint={wrong ? t("unreadable") : t("matchersHint")} label={t("matchers")} wrong={wrong}>
      <textarea
        aria-invalid={wrong}
        onChange={(event) => onChange(event.target.value)}
        required
        rows={2}
        spellCheck={false}
        value={text}
      />
    </Field>
  );
}

interface SubmitWordProps {
  readonly draft: SpanDraft;
  readonly isNew: boolean;
}

function SubmitWord({ draft: { starts, lasts }, isNew }: SubmitWordProps) {
  const t = useTranslations("silence");
  const formats = useFormats();
  if (!isNew) return t("save");
  if (starts !== null) return t("plan");
  return typeof lasts === "number" ? t("begin", { span: formats.step(lasts) }) : t("beginUntil");
}

interface Wanted extends Span {
  readonly matchers: readonly Matcher[];
  readonly author: string;
  readonly reason: string;
}

function useSilence(silence: Silence | undefined, onDone: (silence: Silence) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ startsMs, endsMs, ...wanted }: Wanted) => {
      const [startsAt, endsAt] = [startsMs, endsMs].map((ms) => new Date(ms).toISOString());
      const body = { ...wanted, startsAt, endsAt };
      return silence === undefined
        ? send("POST", "silences", body, silenceSchema)
        : send("PUT", `silences/${encodeURIComponent(silence.id)}`, body, silenceSchema);
    },
    onSuccess: async (saved) => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ["alerts"] }),
        queries.invalidateQueries({ queryKey: ["silences"] }),
      ]);
      onDone(saved);
    },
  });
}

async function silenceSchema() {
  return (await import("#lib/contract/silences.ts")).silence;
}
